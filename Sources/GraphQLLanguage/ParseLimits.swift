/// What a text may cost before it is refused. Each limit is the largest allowed number.
public struct ParseLimits: Sendable {
    public var documentBytesMax: Int
    /// Punctuators, names, numbers and strings; not commas and comments.
    public var tokensMax: Int
    /// Selection sets, list and object values, and list types inside one another. It bounds the
    /// recursion of everything that walks the tree later, too.
    public var nestingMax: Int

    public init(documentBytesMax: Int, tokensMax: Int, nestingMax: Int) {
        self.documentBytesMax = documentBytesMax
        self.tokensMax = tokensMax
        self.nestingMax = nestingMax
    }

    /// For documents from clients: 64 KiB, 15,000 tokens, 64 levels.
    public static let request = ParseLimits(
        documentBytesMax: 64 * 1024, tokensMax: 15_000, nestingMax: 64)

    /// For files that the owner of the server wrote: any length. A level takes up to 4 KiB of stack
    /// in a debug build and 1.3 KiB in release, and Dispatch threads have 512 KiB, so even here the
    /// nesting is limited.
    public static let file = ParseLimits(
        documentBytesMax: .max, tokensMax: .max, nestingMax: 96)
}
