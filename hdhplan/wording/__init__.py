"""Numbers into words, French and English: formats, labels, the answer, guarded sentences."""
