"""The work of leaders: who looks after what, what was done, what is owed and how it counts."""
