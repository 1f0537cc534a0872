// libtorch's thread count is one for the process, and its sums depend on it: tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
