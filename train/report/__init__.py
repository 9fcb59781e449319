"""What a person sees of a training: the scores, the page that shows them, and the sheet of augmented pictures."""
