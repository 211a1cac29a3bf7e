"""Prints the weights after five steps of torch's AdamW, for OptimiserTests.adam."""
import torch

w = torch.nn.Parameter(torch.tensor([[1.0, -2.0, 0.5]]))
optimiser = torch.optim.AdamW([w], lr=0.01, weight_decay=0.1)
for k in range(1, 6):
    w.grad = torch.tensor([[0.1 * k, -0.2, 0.3 / k]])
    optimiser.step()
print([round(x, 7) for x in w.detach().flatten().tolist()])
