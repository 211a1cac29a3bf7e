// The first file of Compute replaces this one.
