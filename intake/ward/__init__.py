"""The ward's side of the work: figures, review, reports, sheets and the book of leaders."""
