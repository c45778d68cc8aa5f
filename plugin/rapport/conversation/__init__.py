"""Evidence in, evidence out: what is said means something only after what was said before."""
