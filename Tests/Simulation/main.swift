runSimulation(Array(CommandLine.arguments.dropFirst()))
