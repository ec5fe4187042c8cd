"""A program as PyTorch's users write it for several processes, with the face in PyTorch's place."""

import numpy as np

import nn.torch as torch


def test_a_tutorials_training_learns_as_one_process(rank, size):
    dist, DDP = torch.distributed, torch.nn.parallel.DistributedDataParallel
    assert dist.is_available()
    assert dist.is_initialized()
    torch.manual_seed(0)
    inputs, labels = torch.randn(20, 10), torch.randn(20, 5)

    def train(model, inputs, labels):
        loss_fn = torch.nn.MSELoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            outputs = model(inputs)
            loss_fn(outputs, labels).backward()
            optimizer.step()
        return model

    def make():
        torch.manual_seed(1)
        layers = torch.nn.Linear(10, 10), torch.nn.ReLU(), torch.nn.Linear(10, 5)
        return torch.nn.Sequential(*layers)

    count = len(inputs) // size
    mine = slice(rank * count, (rank + 1) * count)
    ddp = train(DDP(make(), device_ids=None), inputs[mine], labels[mine])
    alone = train(make(), inputs, labels)
    for p, q in zip(ddp.module.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-4, atol=1e-6)
    total = torch.tensor([float(rank)])
    assert dist.all_reduce(total, op=dist.ReduceOp.SUM) is None
    assert total.item() == size * (size - 1) / 2
    w = torch.ones(2)
    w.requires_grad_()
    dist.broadcast(w.data, src=0)
    gathered = [torch.zeros(1) for _ in range(dist.get_world_size())]
    dist.all_gather(gathered, torch.tensor([rank * 1.0]))
    assert torch.cat(gathered).tolist() == [*map(float, range(size))]
    dist.barrier()


def test_spawn_calls_the_function_in_the_processes_that_are_there(rank, size):
    told = []
    torch.multiprocessing.spawn(lambda *args: told.append(args), args=("a",), nprocs=size)
    assert told == [(rank, "a")]


def test_messages_and_uneven_inputs_by_pytorchs_names(rank, size):
    dist = torch.distributed
    a, b = torch.full((3,), float(rank)), torch.zeros(3)
    ring = [dist.P2POp(dist.isend, a, (rank + 1) % size)]
    ring += [dist.P2POp(dist.irecv, b, (rank - 1) % size)]
    for request in dist.batch_isend_irecv(ring):
        request.wait()
    assert b.tolist() == [float((rank - 1) % size)] * 3
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 1))
    with model.join():
        for _ in range(1 + rank):
            model(torch.ones(1, 2)).sum().backward()
