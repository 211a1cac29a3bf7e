// The first file of Faces replaces this one.
