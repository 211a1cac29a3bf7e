// The first file of Workflows replaces this one.
