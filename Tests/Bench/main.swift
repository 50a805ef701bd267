runBench(Array(CommandLine.arguments.dropFirst()))
