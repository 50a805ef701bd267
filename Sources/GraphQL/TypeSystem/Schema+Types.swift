import GraphQLLanguage

/// Types compared and named.
extension Schema {
    /// The type that a written reference means; nil when the schema does not have the named type,
    /// or the lists are nested deeper than `TypeReference.listDepthMax`.
    public func typeReference(from node: TypeNode) -> TypeReference? {
        guard let named = type(named: node.name) else { return nil }
        return TypeReference(node, named: named)
    }

    /// The reference as written in a document: `[Member!]!`.
    public func describe(_ reference: TypeReference) -> String {
        reference.description(naming: self[reference].name)
    }

    /// True when each value of `type` may stand where `expected` is asked for: lists and non-null
    /// are compared wrapper by wrapper, named types by `isSubtype`.
    ///
    /// Source: GraphQL, September 2025, §3.6.1 `IsValidImplementationFieldType()`.
    public func isValidImplementationFieldType(
        _ type: TypeReference, of expected: TypeReference
    ) -> Bool {
        type.hasWrappers(allowedFor: expected) && isSubtype(type.named, of: expected.named)
    }
}

extension TypeReference {
    /// Nil when the lists are nested deeper than `listDepthMax`.
    init?(_ node: TypeNode, named: TypeID) {
        var depth = 0
        var bits: UInt64 = 0
        var node = node
        while true {
            switch node {
            case .named:
                self.init(named: named, listDepth: depth, nonNullBits: bits)
                return
            case .nonNull(let inner):
                bits |= 1 << UInt64(depth)
                node = inner
            case .list(let inner, _):
                guard depth < Self.listDepthMax else { return nil }
                depth += 1
                node = inner
            }
        }
    }

    /// True when the wrapper `level` levels in (0 = outermost) is non-null.
    func isNonNull(atLevel level: Int) -> Bool { nonNullBits >> UInt64(level) & 1 == 1 }

    /// True when the list depth is that of `expected`, and this type is non-null at least wherever
    /// `expected` is.
    public func hasWrappers(allowedFor expected: TypeReference) -> Bool {
        listDepth == expected.listDepth
            && nonNullBits & expected.nonNullBits == expected.nonNullBits
    }

    func description(naming name: String) -> String {
        var text = String(repeating: "[", count: listDepth) + name
        for level in stride(from: listDepth, through: 0, by: -1) {
            if level < listDepth { text += "]" }
            if isNonNull(atLevel: level) { text += "!" }
        }
        return text
    }
}
