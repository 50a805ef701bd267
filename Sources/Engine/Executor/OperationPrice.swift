import GraphQL
import GraphQLLanguage

/// The cost programs of one operation, one for each combination of the values of the variables in
/// `@skip` and `@include`, as there is one plan for each.
struct OperationPrices {
    private var programs: [UInt64: CostProgram] = [:]
    /// The program of the last request, which is most often that of the next.
    private var lastMask: UInt64 = 0
    private var last: CostProgram?

    /// Terms of the programs that are kept.
    private var termCount = 0

    /// Terms kept for one operation. Reason: some 5 MB, and a client chooses the combinations.
    private static let termsMax = 20_000

    mutating func program(
        _ mask: UInt64, isKept: Bool, _ make: () throws(CostRefusal) -> CostProgram
    ) throws(CostRefusal) -> CostProgram {
        if isKept {
            if let last, lastMask == mask { return last }
            if let program = programs[mask] {
                lastMask = mask
                last = program
                return program
            }
        }
        let program = try make()
        if isKept {
            termCount += program.termCount
            if termCount > Self.termsMax {
                programs.removeAll()
                termCount = program.termCount
            }
            programs[mask] = program
            lastMask = mask
            last = program
        }
        return program
    }
}

extension PreparedOperation {
    /// The price of the operation with one request's variables, before it is planned. A cached
    /// operation whose price does not depend on variables answers with a constant.
    ///
    /// - Throws: when it is dearer, deeper or longer than the limits allow.
    func cost(
        _ variables: VariableSlots, context: EngineContext
    ) throws(CostRefusal) -> Cost {
        let program = try program(variables, context)
        let estimated = program.cost(variables)
        let limit = context.limits.costMax
        if estimated > limit {
            throw .cost(
                estimated: estimated, limit: limit, path: dearestPath(program, variables))
        }
        return Cost(estimated: estimated, limit: limit)
    }

    /// Looks at what the operation costs as a table, of any number of lines.
    ///
    /// - Throws: when a line is too dear, or what counts once; when it is too deep or too long.
    func checkTableCost(
        _ variables: VariableSlots, context: EngineContext
    ) throws(CostRefusal) {
        let program = try program(variables, context)
        let cost = program.tableCost(variables)
        let limits = context.limits
        if cost.line > limits.lineCostMax {
            throw .line(
                estimated: cost.line, limit: limits.lineCostMax,
                path: dearestPath(program, variables))
        }
        if cost.once > limits.costMax {
            throw .cost(
                estimated: cost.once, limit: limits.costMax,
                path: dearestPath(program, variables))
        }
    }

    private func dearestPath(_ program: CostProgram, _ variables: VariableSlots) -> [String] {
        program.dearestPath(variables).map { facts.names[facts.fields[$0].responseName] }
    }

    private func program(
        _ variables: VariableSlots, _ context: EngineContext
    ) throws(CostRefusal) -> CostProgram {
        try prices.program(
            mask(variables), isKept: conditionPlaces.count <= 64
        ) { () throws(CostRefusal) in
            var conditions: [String: Bool] = [:]
            for place in conditionPlaces {
                conditions[variableNames[place]] = variables.boolean(place)
            }
            var compiler = CostCompiler(
                context: context, facts: facts, variableNames: variableNames,
                conditions: conditions)
            return try compiler.compile(operationFacts)
        }
    }
}
