// The first file of Isolation replaces this one.
