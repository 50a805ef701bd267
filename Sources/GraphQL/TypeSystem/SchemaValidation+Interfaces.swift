import GraphQLLanguage

/// What a type promises by `implements`. Source: GraphQL, September 2025, §3.6
/// `IsValidImplementation()`.
extension SchemaValidation {
    mutating func checkInterfaces(_ id: TypeID, _ merged: MergedType) {
        let type = schema[id]
        var seen: Set<TypeID> = []
        for interface in type.interfaces {
            let named = schema[interface]
            if named.kind != .interface {
                report(
                    "Type \(type.name) must only implement Interface types, "
                        + "it cannot implement \(named.name).",
                    at: implementsPlaces(of: interface, in: merged))
                continue
            }
            if interface == id {
                report(
                    "Type \(type.name) cannot implement itself "
                        + "because it would create a circular reference.",
                    at: implementsPlaces(of: interface, in: merged))
            }
            if !seen.insert(interface).inserted {
                report(
                    "Type \(type.name) can only implement \(named.name) once.",
                    at: implementsPlaces(of: interface, in: merged))
                continue
            }
            checkAncestors(id, interface, merged)
            checkImplementation(id, interface, merged)
        }
    }

    /// Where a type says that it implements an interface.
    private func implementsPlaces(of interface: TypeID, in merged: MergedType) -> [Place] {
        let name = schema[interface].name
        return merged.interfaces.filter { $0.node.value == name }.map { $0.place($0.node.offset) }
    }

    /// Interfaces of an interface must be implemented explicitly.
    private mutating func checkAncestors(
        _ id: TypeID, _ interface: TypeID, _ merged: MergedType
    ) {
        let type = schema[id]
        let interfaceName = schema[interface].name
        for transitive in schema[interface].interfaces
        where !type.interfaces.contains(transitive) {
            let message =
                transitive == id
                ? "Type \(type.name) cannot implement \(interfaceName) "
                    + "because it would create a circular reference."
                : "Type \(type.name) must implement \(schema[transitive].name) "
                    + "because it is implemented by \(interfaceName)."
            report(
                message,
                at: implementsPlaces(of: transitive, in: assembly.types[interface.index])
                    + implementsPlaces(of: interface, in: merged))
        }
    }

    private mutating func checkImplementation(
        _ id: TypeID, _ interface: TypeID, _ merged: MergedType
    ) {
        let type = schema[id]
        let interfaceName = schema[interface].name
        let interfaceNodes = assembly.types[interface.index].fields
        for (expected, expectedNode) in zip(schema[interface].fields, interfaceNodes) {
            guard let index = type.index(of: expected.name) else {
                report(
                    "Interface field \(interfaceName).\(expected.name) expected "
                        + "but \(type.name) does not provide it.",
                    at: [expectedNode.place(expectedNode.node.offset)] + merged.places)
                continue
            }
            let pair = FieldPair(
                expected: expected, expectedNode: expectedNode,
                expectedCoordinate: "\(interfaceName).\(expected.name)",
                field: type.fields[index], node: merged.fields[index],
                coordinate: "\(type.name).\(expected.name)")
            checkFieldType(pair)
            checkArguments(pair)
            checkDeprecation(pair)
        }
    }

    /// An interface's field and the one that implements it.
    private struct FieldPair {
        let expected: FieldType
        let expectedNode: Located<FieldDefinition>
        let expectedCoordinate: String
        let field: FieldType
        let node: Located<FieldDefinition>
        let coordinate: String
    }

    /// Covariant: the field's type may be narrower.
    private mutating func checkFieldType(_ pair: FieldPair) {
        let (field, expected) = (pair.field, pair.expected)
        guard !schema.isValidImplementationFieldType(field.type, of: expected.type) else { return }
        report(
            "Interface field \(pair.expectedCoordinate) expects type "
                + "\(schema.describe(expected.type)) but \(pair.coordinate) is type "
                + "\(schema.describe(field.type)).",
            at: [
                pair.expectedNode.place(pair.expectedNode.node.type.offset),
                pair.node.place(pair.node.node.type.offset),
            ])
    }

    /// Invariant; what the interface does not know must be optional.
    private mutating func checkArguments(_ pair: FieldPair) {
        let (field, expected) = (pair.field, pair.expected)
        for (argument, node) in zip(expected.arguments, pair.expectedNode.node.arguments) {
            guard let index = field.argumentIndex(argument.name) else {
                report(
                    "Interface field argument \(pair.expectedCoordinate)(\(argument.name):) "
                        + "expected but \(pair.coordinate) does not provide it.",
                    at: [
                        pair.expectedNode.place(node.offset),
                        pair.node.place(pair.node.node.offset),
                    ])
                continue
            }
            let given = field.arguments[index]
            if given.type != argument.type {
                report(
                    "Interface field argument \(pair.expectedCoordinate)(\(argument.name):) "
                        + "expects type \(schema.describe(argument.type)) but "
                        + "\(pair.coordinate)(\(argument.name):) is type "
                        + "\(schema.describe(given.type)).",
                    at: [
                        pair.expectedNode.place(node.type.offset),
                        pair.node.place(pair.node.node.arguments[index].type.offset),
                    ])
            }
        }
        for (argument, node) in zip(field.arguments, pair.node.node.arguments)
        where argument.isRequired && expected.argument(argument.name) == nil {
            report(
                "Argument \"\(pair.coordinate)(\(argument.name):)\" must not be required type "
                    + "\"\(schema.describe(argument.type))\" if not provided by the Interface "
                    + "field \"\(pair.expectedCoordinate)\".",
                at: [
                    pair.node.place(node.offset),
                    pair.expectedNode.place(pair.expectedNode.node.offset),
                ])
        }
    }

    private mutating func checkDeprecation(_ pair: FieldPair) {
        guard pair.field.deprecationReason != nil, pair.expected.deprecationReason == nil else {
            return
        }
        let directive = pair.node.node.directives.first { $0.name.value == "deprecated" }
        report(
            "Interface field \(pair.expectedCoordinate) is not deprecated, so implementation "
                + "field \(pair.coordinate) must not be deprecated.",
            at: [directive?.offset, pair.node.node.type.offset].compactMap { $0 }
                .map(pair.node.place))
    }
}
