// The first file of NeuralNet replaces this one.
