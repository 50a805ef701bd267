import Bytes
import Store

/// How the steps of a plan become the columns of a table.
///
/// The plan's own instructions are what each line is written by. What is added here is said of
/// places in it: how many cells a step has, which steps the executor must write apart, and where the
/// list lies whose rows become lines.
struct TabularPlan {
    /// Where lines come from.
    enum Source {
        /// The rows of a connection: the instructions of its list and of its `nodes` or `edges`.
        case rows(ListBody)
        /// The groups of a connection, which the executor writes one after another.
        case groups(ListBody, CellShape)
        /// What a rule answers for the root field.
        case answer(AnswerList)
    }

    /// A connection and the block that says what is wanted of each of its rows or groups.
    struct ListBody {
        let list: Int
        /// The place of `nodes`, `edges` or `groupBy`.
        let items: Int
    }

    struct AnswerList {
        let root: Int
        /// Bytes before the list: its key.
        let headByteCount: Int
        let item: CellShape
    }

    /// The list inside the rows whose rows become lines.
    struct Exploded {
        let body: ListBody
        /// Blocks on the way to it from the items of the root's list.
        let path: [Int]
        let columnCount: Int
    }

    /// Why an operation makes no table.
    struct Refusal: Error {
        let message: String
        let hint: String?
        var code = "BAD_USER_INPUT"
        let sourceOffset: Int?
    }

    let plan: Plan
    let source: Source
    let exploded: Exploded?
    let columns: [String]
    /// By place in the plan: what the executor writes for a step, where it must.
    let shapes: [CellShape?]
    /// By place in the plan: the cells of a step and of all below it.
    let widths: [Int]

    init(_ plan: Plan, explode: String?) throws(Refusal) {
        var reading = TabularReading(plan)
        try reading.read(explode: explode)
        guard let source = reading.source else { throw reading.noColumns }
        self.plan = plan
        self.source = source
        exploded = reading.exploded
        columns = reading.columns
        shapes = reading.shapes
        widths = reading.widths
    }
}

/// Reads a plan as a table.
private struct TabularReading {
    typealias Refusal = TabularPlan.Refusal

    private let plan: Plan
    private(set) var source: TabularPlan.Source?
    private(set) var exploded: TabularPlan.Exploded?
    private(set) var columns: [String] = []
    private(set) var shapes: [CellShape?]
    private(set) var widths: [Int]
    /// The place of the list to be exploded.
    private var explodedList: Int?
    /// Blocks that are open.
    private var path: [Int] = []

    init(_ plan: Plan) {
        self.plan = plan
        shapes = Array(repeating: nil, count: plan.instructionCount)
        widths = Array(repeating: 0, count: plan.instructionCount)
    }

    var noColumns: Refusal {
        Refusal(
            message: "The table has no columns.", hint: "Select fields of its rows.",
            sourceOffset: nil)
    }

    mutating func read(explode: String?) throws(Refusal) {
        let roots = parts(0, plan.instructionCount)
        guard roots.count == 1, let root = roots.first else {
            throw Refusal(
                message: roots.isEmpty
                    ? "The operation selects nothing."
                    : "A table is one root field; the operation has \(roots.count): "
                        + roots.map { quoted(name($0)) }.joined(separator: ", ") + ".",
                hint: "Send one request for each of them.",
                sourceOffset: roots.dropFirst().first.map { Int(plan[$0].sourceOffset) })
        }
        switch plan[root].operation {
        case .list: try connection(root, explode)
        case .computed: try ruleList(root, explode)
        default:
            throw Refusal(
                message: "\(quoted(name(root))) is not a list of rows.",
                hint: "Select a connection with nodes, edges { node } or groupBy.",
                sourceOffset: Int(plan[root].sourceOffset))
        }
        if columns.isEmpty { throw noColumns }
        var seen: Set<String> = []
        for column in columns where !seen.insert(column).inserted {
            throw Refusal(
                message: "Two columns are named \(quoted(column)).",
                hint: "Give one of them an alias.", sourceOffset: nil)
        }
    }

    private mutating func connection(_ root: Int, _ explode: String?) throws(Refusal) {
        let body = try body(of: root, name(root))
        if plan[body.items].operation == .groupBy {
            if let explode { throw noList(explode, []) }
            let shape = try shape(ofBlock: body.items + 1..<Int(plan[body.items].end), "")
            source = .groups(body, shape)
            return add(shape, "")
        }
        if let explode {
            explodedList = try list(named: explode, in: body)
        }
        source = .rows(body)
        try cells(of: body, prefix: "")
    }

    /// What a rule lists.
    private mutating func ruleList(_ root: Int, _ explode: String?) throws(Refusal) {
        let result = plan.results[Int(plan[root].operand)].plan
        guard case .list(let item, _) = result else {
            throw Refusal(
                message: "\(quoted(name(root))) is not a list.",
                hint: "Select a connection, or a field that is a list.",
                sourceOffset: Int(plan[root].sourceOffset))
        }
        if explode != nil { throw noList(explode ?? "", []) }
        let shape = try self.shape(of: item, name(root))
        source = .answer(
            TabularPlan.AnswerList(
                root: root, headByteCount: Int(plan[root].keyLength), item: shape))
        if case .cell = shape { columns = [name(root)] } else { add(shape, "") }
    }

    // MARK: Lists

    /// The one part of a connection that has rows.
    private func body(of list: Int, _ label: String) throws(Refusal) -> TabularPlan.ListBody {
        let parts = parts(list + 1, Int(plan[list].end))
        let lists = parts.filter { isList($0) }
        guard let items = lists.first else {
            throw Refusal(
                message: "\(quoted(label)) has no rows here.",
                hint: "Select its nodes or edges { node }, or its groupBy.",
                sourceOffset: Int(plan[list].sourceOffset))
        }
        if lists.count > 1 {
            throw Refusal(
                message: "\(quoted(label)) has two lists of rows here, "
                    + "\(quoted(name(lists[0]))) and \(quoted(name(lists[1]))).",
                hint: "Select one of them.", sourceOffset: Int(plan[lists[1]].sourceOffset))
        }
        if let other = parts.first(where: { !isList($0) }) {
            throw Refusal(
                message: "\(quoted("\(label).\(name(other))")) is said of the whole list and has "
                    + "no place in a table of its rows.",
                hint: "Leave \(name(other)) out, or ask for it in a request of its own.",
                sourceOffset: Int(plan[other].sourceOffset))
        }
        return TabularPlan.ListBody(list: list, items: items)
    }

    private func isExplodable(_ place: Int) -> Bool {
        isList(place) && plan[place].operation != .groupBy
    }

    private func isList(_ place: Int) -> Bool {
        switch plan[place].operation {
        case .nodes, .edges, .groupBy: true
        default: false
        }
    }

    /// The list inside the rows that has a response key or a path.
    private func list(named wanted: String, in body: TabularPlan.ListBody) throws(Refusal) -> Int {
        var found: [(place: Int, path: String)] = []
        lists(body.items + 1, Int(plan[body.items].end), "", &found)
        let matching =
            found.first { $0.path == wanted }.map { [$0] }
            ?? found.filter { $0.path.split(separator: ".").last.map(String.init) == wanted }
        guard let match = matching.first else { throw noList(wanted, found.map(\.path)) }
        if matching.count > 1 {
            throw Refusal(
                message: "explode=\(wanted) can mean several lists.",
                hint: "Give its whole path: "
                    + matching.map { "explode=\($0.path)" }.joined(separator: " or ") + ".",
                sourceOffset: Int(plan[matching[1].place].sourceOffset))
        }
        return match.place
    }

    private func noList(_ wanted: String, _ lists: [String]) -> Refusal {
        Refusal(
            message: "explode names \(quoted(wanted)), which is no list inside the rows.",
            hint: lists.isEmpty
                ? "There is none; leave explode out."
                : "Lists here: \(lists.joined(separator: ", ")).", sourceOffset: nil)
    }

    /// The lists of rows within a block, to-one paths included.
    private func lists(
        _ start: Int, _ end: Int, _ prefix: String, _ found: inout [(place: Int, path: String)]
    ) {
        for place in parts(start, end) {
            let step = plan[place]
            switch step.operation {
            case .list where parts(place + 1, Int(step.end)).contains { isExplodable($0) }:
                found.append((place, prefix + name(place)))
            case .toOne, .guardedToOne:
                lists(place + 1, Int(step.end), prefix + name(place) + ".", &found)
            case .edgeNode: lists(place + 1, Int(step.end), prefix, &found)
            default: continue
            }
        }
    }

    // MARK: Cells

    private mutating func cells(of body: TabularPlan.ListBody, prefix: String) throws(Refusal) {
        try cells(body.items + 1, Int(plan[body.items].end), prefix)
    }

    private mutating func cells(_ start: Int, _ end: Int, _ prefix: String) throws(Refusal) {
        for place in parts(start, end) {
            let step = plan[place]
            let first = columns.count
            switch step.operation {
            case .toOne, .guardedToOne, .edgeNode:
                path.append(place)
                let isEdge = step.operation == .edgeNode
                try cells(place + 1, Int(step.end), isEdge ? prefix : prefix + name(place) + ".")
                path.removeLast()
            case .list where place == explodedList:
                let body = try body(of: place, prefix + name(place))
                try cells(of: body, prefix: prefix + name(place) + ".")
                exploded = TabularPlan.Exploded(
                    body: body, path: path, columnCount: columns.count - first)
            case .list, .value, .computed:
                let shape = try self.shape(ofStep: place, prefix)
                shapes[place] = shape
                add(shape, prefix + name(place))
            default: columns.append(prefix + name(place))
            }
            widths[place] = columns.count - first
        }
    }

    /// Names the cells of a shape.
    private mutating func add(_ shape: CellShape, _ path: String) {
        switch shape {
        case .cell: columns.append(path)
        case .object(let members):
            for member in members {
                add(member.shape, path.isEmpty ? member.name : path + "." + member.name)
            }
        }
    }

    // MARK: Shapes

    /// What the executor writes for a step.
    private func shape(ofStep place: Int, _ prefix: String) throws(Refusal) -> CellShape {
        let step = plan[place]
        switch step.operation {
        case .nodes, .edges:
            throw Refusal(
                message: "\(quoted(String(prefix.dropLast()))) has many rows for one line.",
                hint: explodeHint(prefix), sourceOffset: Int(step.sourceOffset))
        case .groupBy, .groupNodes:
            throw Refusal(
                message: "\(quoted(prefix + name(place))) is a list inside one line.",
                hint: "Leave \(name(place)) out, or ask for it in a request of its own.",
                sourceOffset: Int(step.sourceOffset))
        case .toOne, .guardedToOne, .edgeNode, .list, .aggregate, .object, .pageInfo, .groupKeys:
            return try shape(ofBlock: place + 1..<Int(step.end), prefix + name(place) + ".")
        case .value: return try shape(of: plan.values[Int(step.operand)], prefix + name(place))
        case .computed:
            return try shape(of: plan.results[Int(step.operand)].plan, prefix + name(place))
        default: return .cell(isJSON: step.operation == .json)
        }
    }

    private func explodeHint(_ prefix: String) -> String {
        let path = prefix.split(separator: ".").map(String.init)
        return explodedList == nil
            ? "Add explode=\(path.last ?? "") for a line for each of them, or select its totalCount "
                + "or aggregate instead."
            : "One list can be exploded; select the totalCount or aggregate of this one instead."
    }

    private func shape(ofBlock block: Range<Int>, _ prefix: String) throws(Refusal) -> CellShape {
        var members: [CellShape.Member] = []
        for place in parts(block.lowerBound, block.upperBound) {
            members.append(
                CellShape.Member(name: name(place), shape: try shape(ofStep: place, prefix)))
        }
        return .object(members)
    }

    private func shape(of value: ValuePlan, _ path: String) throws(Refusal) -> CellShape {
        switch value {
        case .scalar(let kind): return .cell(isJSON: kind == .json)
        case .enumeration: return .cell(isJSON: false)
        case .list: return .cell(isJSON: true)
        case .row(_, let block): return try shape(ofBlock: block, path + ".")
        case .object(let parts, _):
            var members: [CellShape.Member] = []
            for part in parts {
                let name = name(of: part.key)
                // The place is nil for `__typename`.
                let shape: CellShape =
                    part.place == nil
                    ? .cell(isJSON: false) : try shape(of: part.plan, path + "." + name)
                members.append(CellShape.Member(name: name, shape: shape))
            }
            return .object(members)
        }
    }

    private func shape(of result: ResultPlan, _ path: String) throws(Refusal) -> CellShape {
        switch result {
        case .scalar(let kind): return .cell(isJSON: kind == .json)
        case .enumeration: return .cell(isJSON: false)
        case .list: return .cell(isJSON: true)
        case .row(_, let block): return try shape(ofBlock: block, path + ".")
        case .object(let parts):
            var members: [CellShape.Member] = []
            for part in parts {
                let name = name(of: part.key)
                let shape: CellShape =
                    if let field = part.field {
                        try shape(of: field.plan, path + "." + name)
                    } else {
                        .cell(isJSON: false)
                    }
                members.append(CellShape.Member(name: name, shape: shape))
            }
            return .object(members)
        }
    }

    // MARK: The plan

    /// The steps of a block, those of blocks within it left out.
    private func parts(_ start: Int, _ end: Int) -> [Int] {
        var places: [Int] = []
        var place = start
        while place < end {
            places.append(place)
            place = Int(plan[place].end)
        }
        return places
    }

    /// The response name of a step.
    private func name(_ place: Int) -> String {
        let step = plan[place]
        return unsafe name(
            in: UnsafeRawBufferPointer(start: plan.key(step), count: Int(step.keyLength)))
    }

    private func name(of key: ConstantRange) -> String { unsafe name(in: plan.constant(key)) }

    /// A key is `,"name":`, with the value behind it where that never changes.
    private func name(in key: UnsafeRawBufferPointer) -> String {
        unsafe String(
            decoding: key.dropFirst(2).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    private func quoted(_ text: String) -> String { "\"\(text)\"" }
}
