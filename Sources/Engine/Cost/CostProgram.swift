import GraphQL
import GraphQLLanguage

/// The cost of an operation as a sum of products over the selection sets of its document.
///
/// A selection set that is reached in many ways is one node, so the program is never longer than
/// the document. Nodes stand after those they refer to; most have no variables in them and are
/// worked out when the program is made.
struct CostProgram {
    /// How often a term counts.
    enum Count {
        case constant(Int)
        /// The largest of what the variables say, or `standard`.
        case slice(variables: [Int], given: Int?, standard: Int, max: Int)
        /// The items of a list.
        case length(variable: Int)
        /// A number of items and those of lists inside variables; at least one.
        case items(given: Int, variables: [Int])
    }

    /// What one response key adds.
    struct Term {
        let field: DocumentFacts.FieldID
        var count = Count.constant(1)
        /// Counts once, however long the list is.
        var once = 0
        /// Counts for each item.
        var each = 0
        /// Whether only the sized parts of the child are multiplied, the rest counting once.
        var hasParts = false
        /// Of one item for each sized row, when the child shows any.
        var partWeight = 0
        /// The nodes of the object types that the field can have: the dearest counts.
        var children: [Int] = []
        /// Arguments and input fields with weights.
        var inputs: [(input: InputValue, value: Value)] = []
    }

    struct Node {
        var terms: [Term] = []
        /// The terms of the parts whose number the parent says.
        var sized: [Term] = []
    }

    /// What a node costs: what counts once, and what counts for each row of the parent's page.
    struct NodeCost: Equatable {
        var fixed = 0
        var sized = 0
    }

    private let nodes: [Node]
    private let root: Int
    private let inputs: InputPrices
    private let variableNames: [String]
    /// Nodes that variables matter to.
    private let dynamic: [Int]
    /// The costs of all others.
    private let known: [NodeCost]

    /// How long the program is.
    let termCount: Int

    /// The cost when no variable matters.
    var constant: Int? { dynamic.isEmpty ? known[root].fixed : nil }

    /// - Parameters:
    ///   - nodes: each after those it refers to.
    ///   - variableNames: of the operation, in order.
    init(_ nodes: [Node], root: Int, inputs: InputPrices, variableNames: [String]) {
        self.nodes = nodes
        self.root = root
        self.inputs = inputs
        self.variableNames = variableNames
        termCount = nodes.reduce(nodes.count) { $0 + $1.terms.count + $1.sized.count }
        var isDynamic = [Bool](repeating: false, count: nodes.count)
        var dynamic: [Int] = []
        var known = [NodeCost](repeating: NodeCost(), count: nodes.count)
        let values = Values(slots: nil, names: variableNames, inputs: inputs)
        for (place, node) in nodes.enumerated() {
            let isOpen = (node.terms + node.sized).contains { term in
                term.dependsOnVariables || term.children.contains { isDynamic[$0] }
            }
            if isOpen {
                isDynamic[place] = true
                dynamic.append(place)
            } else {
                known[place] = Self.cost(of: node, known, values)
            }
        }
        self.dynamic = dynamic
        self.known = known
    }

    /// The cost with one request's variables. O(parts that variables matter to).
    func cost(_ slots: VariableSlots) -> Int {
        if let constant { return constant }
        return costs(slots)[root].fixed
    }

    /// What a table of the operation's root field costs: each line of it, which has a row of the
    /// field's list, and what counts once, however many lines there are.
    func tableCost(_ slots: VariableSlots) -> (line: Int, once: Int) {
        let costs = costs(slots)
        let values = Values(slots: slots, names: variableNames, inputs: inputs)
        var most = (line: 0, once: 0)
        for term in nodes[root].terms + nodes[root].sized {
            let cost = term.tableCost(costs, values)
            most = (max(most.line, cost.line), max(most.once, cost.once))
        }
        return most
    }

    private func costs(_ slots: VariableSlots) -> [NodeCost] {
        var costs = known
        let values = Values(slots: slots, names: variableNames, inputs: inputs)
        for place in dynamic { costs[place] = Self.cost(of: nodes[place], costs, values) }
        return costs
    }

    private static func cost(of node: Node, _ costs: [NodeCost], _ values: Values) -> NodeCost {
        var cost = NodeCost()
        for term in node.terms {
            cost.fixed = cost.fixed.addingSaturated(term.cost(costs, values))
        }
        for term in node.sized {
            cost.sized = cost.sized.addingSaturated(term.cost(costs, values))
        }
        return cost
    }

    /// The fields from the root that cost most, each the dearest of its selection set.
    func dearestPath(_ slots: VariableSlots) -> [DocumentFacts.FieldID] {
        let costs = costs(slots)
        let values = Values(slots: slots, names: variableNames, inputs: inputs)
        var path: [DocumentFacts.FieldID] = []
        var place = root
        while true {
            let terms = nodes[place].terms + nodes[place].sized
            let dearest = terms.max { $0.cost(costs, values) < $1.cost(costs, values) }
            guard let dearest, dearest.cost(costs, values) > 0 else { return path }
            path.append(dearest.field)
            let child = dearest.children.max { left, right in
                dearest.cost(costs, values, only: left) < dearest.cost(costs, values, only: right)
            }
            guard let child else { return path }
            place = child
        }
    }
}

extension CostProgram.Term {
    fileprivate var dependsOnVariables: Bool {
        switch count {
        case .constant: break
        case .slice(let variables, _, _, _): if !variables.isEmpty { return true }
        case .length: return true
        case .items(_, let variables): if !variables.isEmpty { return true }
        }
        return inputs.contains { $0.value.mentionsVariables }
    }

    fileprivate func cost(
        _ costs: [CostProgram.NodeCost], _ values: CostProgram.Values, only child: Int? = nil
    ) -> Int {
        let number = values.number(count)
        var most = 0
        if let child {
            most = cost(costs[child], number)
        } else if children.isEmpty {
            most = cost(CostProgram.NodeCost(), number)
        } else {
            for child in children { most = max(most, cost(costs[child], number)) }
        }
        let inputCost = inputs.reduce(0) {
            $0.addingSaturated(values.price(of: $1.value, for: $1.input))
        }
        return most.addingSaturated(once).addingSaturated(inputCost)
    }

    fileprivate func tableCost(
        _ costs: [CostProgram.NodeCost], _ values: CostProgram.Values
    ) -> (line: Int, once: Int) {
        var most = (line: each, once: once)
        for child in children.map({ costs[$0] }) {
            if hasParts {
                most.line = max(most.line, partWeight.addingSaturated(child.sized))
                most.once = max(most.once, once.addingSaturated(child.fixed))
            } else {
                most.line = max(most.line, each.addingSaturated(child.fixed))
            }
        }
        return most
    }

    private func cost(_ child: CostProgram.NodeCost, _ number: Int) -> Int {
        if hasParts {
            return child.fixed.addingSaturated(
                number.multipliedSaturated(by: partWeight.addingSaturated(child.sized)))
        }
        if case .items = count {
            return child.fixed.addingSaturated(number.multipliedSaturated(by: each))
        }
        return number.multipliedSaturated(by: each.addingSaturated(child.fixed))
    }
}

extension CostProgram {
    /// The values of variables, as far as costs ask for them.
    fileprivate struct Values {
        /// Nil while the program is made.
        let slots: VariableSlots?
        let names: [String]
        let inputs: InputPrices

        func number(_ count: Count) -> Int {
            switch count {
            case .constant(let number): return number
            case .slice(let variables, let given, let standard, let most):
                var number = given
                for place in variables {
                    guard let value = slots?.integer(place) else { continue }
                    number = max(number ?? 0, Int(clamping: value))
                }
                return min(max(0, number ?? standard), most)
            case .length(let place): return Self.itemCount(slots?.tree(place), isInner: false)
            case .items(let given, let variables):
                var number = given
                for place in variables {
                    number = number.addingSaturated(
                        Self.itemCount(slots?.tree(place), isInner: true))
                }
                return max(1, number)
            }
        }

        func price(of value: Value, for input: InputValue) -> Int {
            inputs.price(of: value, for: input) { name, input in
                guard let place = names.firstIndex(of: name), let slots else { return 0 }
                if let tree = slots.tree(place) { return inputs.price(of: tree, for: input) }
                return slots.isNull(place) ? 0 : inputs.price(of: .boolean(true), for: input)
            }
        }

        /// - Parameter isInner: whether the lists inside it count too.
        private static func itemCount(_ value: CoercedValue?, isInner: Bool) -> Int {
            switch value {
            case .list(let items):
                guard isInner else { return items.count }
                return items.reduce(items.count) {
                    $0.addingSaturated(itemCount($1, isInner: true))
                }
            case .object(let fields) where isInner:
                return fields.reduce(0) {
                    $0.addingSaturated(itemCount($1.value, isInner: true))
                }
            default: return 0
            }
        }
    }
}

extension Value {
    /// Whether a variable stands anywhere in it.
    var mentionsVariables: Bool {
        switch kind {
        case .variable: true
        case .list(let items): items.contains { $0.mentionsVariables }
        case .object(let fields): fields.contains { $0.value.mentionsVariables }
        default: false
        }
    }
}
