// The first file of Pipeline replaces this one.
