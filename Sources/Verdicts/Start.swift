// The first file of Verdicts replaces this one.
