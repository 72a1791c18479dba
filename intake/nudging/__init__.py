"""What reminders hold, who may stop them, what officers see of them, digests and calendars."""
