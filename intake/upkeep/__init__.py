"""What keeps an installation sound: jobs, retention, backups, holds and the doctor."""
