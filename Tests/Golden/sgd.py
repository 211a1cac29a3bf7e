"""Golden numbers of SGD with Nesterov's momentum (Tests/NeuralNetTests/TrainingTests.swift): python3 sgd.py, with torch."""
import torch

w = torch.nn.Parameter(torch.tensor([[1.0, -2.0, 0.5]]))
b = torch.nn.Parameter(torch.tensor([0.3]))
optimiser = torch.optim.SGD([w, b], lr=0.01, momentum=0.9, nesterov=True)
for k in range(1, 6):
    w.grad = torch.tensor([[0.1 * k, -0.2, 0.3 / k]])
    b.grad = torch.tensor([-0.5])
    optimiser.step()
print(w.detach().numpy().tolist(), b.detach().numpy().tolist())
