/// A type with its wrappers: `[Member!]!`. Small, hashable and free of references, because
/// validation and planning compare types all the time.
public struct TypeReference: Hashable, Sendable {
    /// Place of the named type in `Schema.types`.
    public let named: TypeID
    /// How many list wrappers there are; at most `listDepthMax`.
    public var listDepth: Int { Int(depth) }
    private let depth: UInt8
    /// Bit *n* says whether the wrapper *n* levels in (0 = outermost) is non-null; bit `listDepth`
    /// belongs to the named type.
    let nonNullBits: UInt64

    /// A deeper list type is refused when it is built: the bits of one word are its store.
    public static let listDepthMax = 60

    public init(named: TypeID) {
        self.init(named: named, listDepth: 0, nonNullBits: 0)
    }

    init(named: TypeID, listDepth: Int, nonNullBits: UInt64) {
        self.named = named
        depth = UInt8(truncatingIfNeeded: listDepth)
        self.nonNullBits = nonNullBits
    }

    public var isList: Bool { listDepth > 0 }
    public var isNonNull: Bool { nonNullBits & 1 == 1 }

    /// The same type without its outermost non-null.
    public var nullable: TypeReference {
        TypeReference(named: named, listDepth: listDepth, nonNullBits: nonNullBits & ~1)
    }

    /// The same type, non-null.
    public var nonNull: TypeReference {
        TypeReference(named: named, listDepth: listDepth, nonNullBits: nonNullBits | 1)
    }

    /// What a list holds. Only for list types.
    public var item: TypeReference {
        precondition(isList, "only a list has items")
        return TypeReference(
            named: named, listDepth: listDepth - 1, nonNullBits: nonNullBits >> 1)
    }

    /// The list of this type, nullable. Only up to `listDepthMax`.
    public var list: TypeReference {
        precondition(listDepth < Self.listDepthMax, "list type nested too deep")
        return TypeReference(
            named: named, listDepth: listDepth + 1, nonNullBits: nonNullBits << 1)
    }
}

/// The place of a named type in `Schema.types`.
public struct TypeID: Hashable, Sendable {
    private let place: Int32

    public var index: Int { Int(place) }

    public init(_ index: Int) {
        place = Int32(truncatingIfNeeded: index)
    }
}
