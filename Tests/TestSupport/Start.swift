// Shared helpers of the tests; one file per topic.
