import GraphQLLanguage

/// What must not lead back to itself. The recursion of these walks is bounded by the number of
/// directives, types and fields.
extension SchemaValidation {
    // MARK: Directives

    /// A directive must not be applied inside its own definition, neither to an argument nor
    /// anywhere in the types of its arguments. Source: GraphQL, September 2025, §3.13.
    mutating func directivesDoNotReferenceThemselves() {
        for (directive, node) in zip(schema.directives, assembly.directives) {
            var walk = DirectiveWalk(schema: schema, target: directive.name)
            guard walk.reaches(from: directive) else { continue }
            look(at: node.place(node.node.offset))
            report(
                "Directive @\(directive.name) cannot reference itself, as it does through: "
                    + "\(walk.path.joined(separator: ", ")).",
                at: [node.place(node.node.offset)])
        }
    }

    /// Looks for a way from a directive's definition to an application of the same directive.
    private struct DirectiveWalk {
        let schema: Schema
        let target: String
        /// The coordinates on the way, outermost first.
        var path: [String] = []
        private var visitedDirectives: Set<String> = []
        private var visitedTypes: Set<TypeID> = []

        init(schema: Schema, target: String) {
            self.schema = schema
            self.target = target
        }

        mutating func reaches(from directive: DirectiveType) -> Bool {
            guard visitedDirectives.insert(directive.name).inserted else { return false }
            return reaches(from: directive.arguments) { "@\(directive.name)(\($0):)" }
        }

        private mutating func reaches(
            from inputs: [InputValue], coordinate: (String) -> String
        ) -> Bool {
            for input in inputs {
                path.append(coordinate(input.name))
                if reaches(from: input.appliedDirectives) || reaches(from: input.type.named) {
                    return true
                }
                path.removeLast()
            }
            return false
        }

        private mutating func reaches(from applied: [Directive]) -> Bool {
            for directive in applied {
                if directive.name.value == target { return true }
                if let definition = schema.directive(named: directive.name.value),
                    reaches(from: definition)
                {
                    return true
                }
            }
            return false
        }

        private mutating func reaches(from id: TypeID) -> Bool {
            guard visitedTypes.insert(id).inserted else { return false }
            let type = schema[id]
            path.append(type.name)
            if reaches(from: type.appliedDirectives) { return true }
            path.removeLast()
            if reaches(from: type.inputFields, coordinate: { "\(type.name).\($0)" }) { return true }
            for value in type.enumValues {
                path.append("\(type.name).\(value.name)")
                if reaches(from: value.appliedDirectives) { return true }
                path.removeLast()
            }
            return false
        }
    }

    // MARK: Input objects without a finite value

    /// An input object must be fillable: not every way of filling it may need another one of itself.
    /// Non-null fields need their input object, a OneOf needs any one of its fields; lists and
    /// nullable fields need none.
    ///
    /// Source: GraphQL, September 2025, §3.10 (circular references, OneOf Input Objects).
    mutating func inputObjectsHaveFiniteValues() {
        var walk = FiniteValueWalk(assembly)
        for id in walk.inputObjects where !walk.isFinite(id) {
            look(at: assembly.types[id.index].places.first)
            for cycle in walk.cycles(from: id) {
                report(
                    "Input Object \(schema[cycle.type].name) cannot be provided a finite value "
                        + "because it references itself through fields: "
                        + "\(cycle.fields.map(\.coordinate).joined(separator: ", ")).",
                    at: cycle.fields.map(\.place))
            }
        }
    }

    private struct FiniteValueWalk {
        typealias Step = (coordinate: String, place: Place)

        let schema: Schema
        let inputObjects: [TypeID]
        private var cycles: [(type: TypeID, fields: [Step])] = []

        /// For each input object the fields that need another input object.
        private let needs: [TypeID: [(step: Step, target: TypeID)]]
        private var finite: Set<TypeID> = []
        private var visited: Set<TypeID> = []
        private var path: [Step] = []
        private var pathStart: [TypeID: Int] = [:]

        init(_ assembly: SchemaAssembly) {
            let schema = assembly.schema
            self.schema = schema
            var inputObjects: [TypeID] = []
            var needs: [TypeID: [(step: Step, target: TypeID)]] = [:]
            for (index, type) in schema.types.enumerated() where type.kind == .inputObject {
                let id = TypeID(index)
                inputObjects.append(id)
                needs[id] = zip(type.inputFields, assembly.types[index].inputFields).compactMap {
                    field, node in
                    // A non-null field of a OneOf is reported as such.
                    guard !field.type.isList, field.type.isNonNull != type.isOneOf,
                        schema[field.type].kind == .inputObject
                    else { return nil }
                    let step = ("\(type.name).\(field.name)", node.place(node.node.offset))
                    return (step, field.type.named)
                }
            }
            self.inputObjects = inputObjects
            self.needs = needs
            findFinite()
        }

        func isFinite(_ id: TypeID) -> Bool { finite.contains(id) }

        /// From the input objects that need no other, backwards along the needs.
        private mutating func findFinite() {
            var dependents: [TypeID: [TypeID]] = [:]
            var open: [TypeID: Int] = [:]
            var ready: [TypeID] = []
            for id in inputObjects {
                let targets = needs[id, default: []].map(\.target)
                for target in targets { dependents[target, default: []].append(id) }
                let type = schema[id]
                let hasWayOut = targets.count < type.inputFields.count || type.inputFields.isEmpty
                open[id] = type.isOneOf ? (hasWayOut ? 0 : 1) : targets.count
                if open[id] == 0 { ready.append(id) }
            }
            finite.formUnion(ready)
            while let id = ready.popLast() {
                for dependent in dependents[id, default: []] where !finite.contains(dependent) {
                    open[dependent, default: 0] -= 1
                    if open[dependent, default: 0] <= 0 {
                        finite.insert(dependent)
                        ready.append(dependent)
                    }
                }
            }
        }

        /// The cycles that were not found from another type before.
        mutating func cycles(from id: TypeID) -> [(type: TypeID, fields: [Step])] {
            cycles = []
            findCycles(from: id)
            return cycles
        }

        private mutating func findCycles(from id: TypeID) {
            guard visited.insert(id).inserted else { return }
            pathStart[id] = path.count
            for (step, target) in needs[id, default: []] where !finite.contains(target) {
                path.append(step)
                if let start = pathStart[target] {
                    cycles.append((target, Array(path[start...])))
                } else {
                    findCycles(from: target)
                }
                path.removeLast()
            }
            pathStart[id] = nil
        }
    }

    // MARK: Default values

    /// The default of an input field must not take itself over.
    ///
    /// Source: GraphQL, September 2025, §3.10 `InputObjectDefaultValueHasCycle()`.
    mutating func defaultValuesHaveNoCycles() {
        var walk = DefaultValueWalk(assembly: assembly)
        for (index, type) in schema.types.enumerated() where type.kind == .inputObject {
            look(at: assembly.types[index].places.first)
            for cycle in walk.cycles(from: TypeID(index)) {
                let others = cycle.dropFirst().map(\.coordinate)
                let via =
                    others.isEmpty
                    ? "" : " via the default values of: \(others.joined(separator: ", "))"
                report(
                    "Invalid circular reference. The default value of Input Object field "
                        + "\(cycle[0].coordinate) references itself\(via).",
                    at: cycle.map(\.place))
            }
        }
    }

    private struct DefaultValueWalk {
        typealias Step = (coordinate: String, place: Place)

        let assembly: SchemaAssembly
        /// Of the walk that is under way; never without a step.
        private var cycles: [[Step]] = []

        private var visited: Set<String> = []
        private var path: [Step] = []
        private var pathIndex: [String: Int] = [:]

        init(assembly: SchemaAssembly) {
            self.assembly = assembly
        }

        /// The cycles that were not found from another type before.
        mutating func cycles(from id: TypeID) -> [[Step]] {
            cycles = []
            visitFields(of: id, given: [])
            return cycles
        }

        /// What filling in an input object takes over, `given` being written already.
        private mutating func visitFields(of id: TypeID, given: [ObjectField]) {
            let schema = assembly.schema
            let type = schema[id]
            for (index, field) in type.inputFields.enumerated()
            where schema[field.type].kind == .inputObject {
                if let written = given.first(where: { $0.name.value == field.name }) {
                    visit(written.value, as: field.type.named)
                } else {
                    visitDefault(of: field, index, in: id)
                }
            }
        }

        private mutating func visit(_ value: Value, as id: TypeID) {
            switch value.kind {
            case .list(let items):
                for item in items { visit(item, as: id) }
            case .object(let fields):
                visitFields(of: id, given: fields)
            case .variable, .int, .float, .string, .boolean, .null, .enum:
                break
            }
        }

        private mutating func visitDefault(of field: InputValue, _ index: Int, in id: TypeID) {
            guard let value = field.defaultValue else { return }
            let coordinate = "\(assembly.schema[id].name).\(field.name)"
            if let start = pathIndex[coordinate] {
                cycles.append(Array(path[start...]))
                return
            }
            guard visited.insert(coordinate).inserted else { return }
            let node = assembly.types[id.index].inputFields[index]
            pathIndex[coordinate] = path.count
            path.append((coordinate, node.place(value.offset)))
            visit(value, as: field.type.named)
            path.removeLast()
            pathIndex[coordinate] = nil
        }
    }
}
