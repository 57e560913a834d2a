"""One launch form a kind: widgets in, a plan out."""
