/// What a text may cost before it is refused. Each limit is the largest allowed number.
///
/// All of them are counted while the text is read, so that what is refused has cost no more than
/// the part of it before the limit.
public struct ParseLimits: Sendable {
    public var documentBytesMax: Int
    /// Punctuators, names, numbers and strings; not commas and comments.
    public var tokensMax: Int
    /// Selection sets, list and object values, and list types inside one another. It bounds the
    /// recursion of everything that walks the tree later, too.
    public var nestingMax: Int
    /// Aliases of the document, each counted where it is written. Reason: aliases are what makes
    /// the same field be worked out again and again.
    public var aliasesMax: Int
    /// Directives applied anywhere in the document.
    public var directivesMax: Int
    /// Fragment definitions of the document; inline fragments are not counted.
    public var fragmentsMax: Int
    /// Variables of one operation.
    public var variablesMax: Int
    /// Items of one list value.
    public var listItemsMax: Int

    public init(
        documentBytesMax: Int, tokensMax: Int, nestingMax: Int, aliasesMax: Int = .max,
        directivesMax: Int = .max, fragmentsMax: Int = .max, variablesMax: Int = .max,
        listItemsMax: Int = .max
    ) {
        self.documentBytesMax = documentBytesMax
        self.tokensMax = tokensMax
        self.nestingMax = nestingMax
        self.aliasesMax = aliasesMax
        self.directivesMax = directivesMax
        self.fragmentsMax = fragmentsMax
        self.variablesMax = variablesMax
        self.listItemsMax = listItemsMax
    }

    /// For documents from clients: 64 KiB, 15,000 tokens, 64 levels, 50 aliases, 50 directives,
    /// 100 fragments, 100 variables, lists of 1,000 items. What tools ask of the schema has neither
    /// aliases nor directives, and a handful of fragments.
    public static let request = ParseLimits(
        documentBytesMax: 64 * 1024, tokensMax: 15_000, nestingMax: 64, aliasesMax: 50,
        directivesMax: 50, fragmentsMax: 100, variablesMax: 100, listItemsMax: 1_000)

    /// For files that the owner of the server wrote: any length. A level takes up to 4 KiB of stack
    /// in a debug build and 1.3 KiB in release, and Dispatch threads have 512 KiB, so even here the
    /// nesting is limited.
    public static let file = ParseLimits(
        documentBytesMax: .max, tokensMax: .max, nestingMax: 96)
}

/// The limit that a document exceeds.
///
/// A class, because every frame of the parser has room for an error, and stacks are small.
public final class ExceededLimit: Sendable {
    /// As the table of limits calls it: `aliases`.
    public let name: String
    /// The largest allowed number. Nobody has counted on, so how many there are is not known.
    public let max: Int
    /// What to do about it.
    public let hint: String

    init(name: String, max: Int, hint: String) {
        self.name = name
        self.max = max
        self.hint = hint
    }
}
