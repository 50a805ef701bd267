import Bytes
import GraphQL
import GraphQLLanguage
import Store

/// A run of a plan's constant bytes.
struct ConstantRange: Sendable {
    let offset: Int
    let count: Int
}

/// The names of an enum's values, each in quotation marks.
struct QuotedNames: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each of them lies in `bytes`.
    private(set) var ranges: [ConstantRange] = []

    init(_ model: EnumModel) {
        for value in model.values {
            let start = bytes.count
            bytes.append(contentsOf: "\"\(value)\"".utf8)
            ranges.append(ConstantRange(offset: start, count: bytes.count - start))
        }
    }
}

/// A look-up of one row from Query.
struct LookUpPlan: Sendable {
    enum Key: Sendable {
        case id
        case key(KeyModel)
    }

    let table: TableID
    let key: Key
    let arguments: [ArgumentPlan]
    /// The variable that is the whole id, in the order of the operation's definitions.
    let idVariable: Int?
    /// The id when the document spells it out.
    let idConstant: ConstantRange?
}

/// `node` and `nodes`: one block of instructions for each table, by `TableID.index`; nil for those
/// that are closed to the plan's role.
struct NodeDispatch: Sendable {
    let argument: ArgumentPlan
    let blocks: [Range<Int>?]
}

/// One column of an aggregate, computed in the same pass as the others of its list.
struct AggregateColumn: Sendable, Equatable {
    enum Function: Sendable {
        case countDistinct, min, max, sum, average
    }

    enum Rendering: Sendable {
        case integer, double, text, dateTime, date
    }

    let function: Function
    let column: Column
    let rendering: Rendering
}

/// How a stored value is written: which of its fields under which keys.
indirect enum ValuePlan: Sendable {
    case scalar(ScalarKind)
    /// The first of the enum's quoted names in `Plan.names`.
    case enumeration(firstName: Int)
    case list(ValuePlan, width: Int)
    case object([Member], ValueLayout)
    /// A row that the value refers to: its fields are a block of instructions.
    case row(TableID, Range<Int>)

    struct Member: Sendable {
        let key: ConstantRange
        /// Place of the field in the value; nil for `__typename`, whose key holds the whole answer.
        let place: Int?
        let plan: ValuePlan
        let isNonNull: Bool
    }
}

/// An introspection field: its answer, or what is needed to make it for each request.
struct IntrospectionPlan: Sendable {
    let fields: [Field]
    let fragments: [String: FragmentDefinition]
    let constant: [UInt8]?
}

/// A field of Mutation: what it does, and with which input.
struct MutationPlan: Sendable {
    let field: MutationField
    let input: ArgumentPlan
}

/// A plan while it is built.
struct PlanDraft {
    var instructions: [Instruction] = []
    var lists: [ListPlan] = []
    var lookUps: [LookUpPlan] = []
    var nodeDispatches: [NodeDispatch] = []
    var aggregates: [[AggregateColumn]] = []
    var groupings: [GroupPlan] = []
    /// The quoted names of enum values; an instruction knows where its enum begins.
    var names: [ConstantRange] = []
    var values: [ValuePlan] = []
    var introspections: [IntrospectionPlan] = []
    var mutations: [MutationPlan] = []
    var results: [ResultFieldPlan] = []
    var constants: [UInt8] = []

    private var firstNames: [(id: EnumID, place: Int)] = []

    /// Makes room for a document of so many fields, at a guess.
    mutating func reserve(forFieldCount fieldCount: Int) {
        let fields = min(fieldCount, 1_024)
        instructions.reserveCapacity(fields)
        constants.reserveCapacity(fields * 24)
    }

    mutating func constant(_ text: String) -> ConstantRange {
        let start = constants.count
        append(text)
        return ConstantRange(offset: start, count: constants.count - start)
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe constants.append(contentsOf: $0) }
    }

    /// `,"name":`, and `"value"` behind it if there is one.
    /// - Parameter value: what the key is followed by, as it stands in the answer.
    mutating func key(_ name: String, value: String? = nil) -> ConstantRange {
        let start = constants.count
        constants.append(UInt8(ascii: ","))
        constants.append(UInt8(ascii: "\""))
        append(name)
        constants.append(UInt8(ascii: "\""))
        constants.append(UInt8(ascii: ":"))
        if let value { append(value) }
        return ConstantRange(offset: start, count: constants.count - start)
    }

    /// The place of an enum's first name in `names`.
    mutating func names(of id: EnumID, _ context: EngineContext) -> Int {
        for known in firstNames where known.id == id { return known.place }
        let first = names.count
        let start = constants.count
        let quoted = context.quotedNames(of: id)
        constants.append(contentsOf: quoted.bytes)
        for range in quoted.ranges {
            names.append(ConstantRange(offset: start + range.offset, count: range.count))
        }
        firstNames.append((id, first))
        return first
    }
}
