// The first file of Metrics replaces this one.
