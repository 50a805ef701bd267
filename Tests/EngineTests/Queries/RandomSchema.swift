import JSON

@testable import Engine

/// A random schema: two to four tables with columns of all kinds, keys, indexes, relations both ways
/// and perhaps a table between two others.
struct RandomSchema {
    private(set) var tables: [ReferenceTable] = []
    private let chance: Chance

    static let colour = ReferenceKind.enumeration("Colour", ["RED", "GREEN", "BLUE"])
    static let size = ReferenceKind.enumeration("Size", ["S", "M", "L", "XL"])
    static let enumValues: Set<String> = [
        "RED", "GREEN", "BLUE", "S", "M", "L", "XL", "ASC", "DESC", "ASC_NULLS_FIRST",
        "DESC_NULLS_FIRST",
    ]
    static let money = ReferenceKind.value(
        "Money",
        [
            ReferenceField("amountMinor", .scalar(.long)),
            ReferenceField("currency", .scalar(.string)),
        ])
    static let spot = ReferenceKind.value(
        "Spot",
        [
            ReferenceField("label", .scalar(.string), isNullable: true),
            ReferenceField("level", .scalar(.int)),
            ReferenceField("share", .scalar(.float), isNullable: true),
            ReferenceField("open", .scalar(.boolean), isNullable: true),
            ReferenceField("at", .scalar(.dateTime), isNullable: true),
            ReferenceField("day", .scalar(.date)),
            ReferenceField("colour", colour, isNullable: true),
            ReferenceField("tags", .list(.scalar(.string), itemIsNullable: false)),
            ReferenceField("price", money, isNullable: true),
            ReferenceField("extra", .scalar(.json), isNullable: true),
        ])

    init(_ chance: Chance) {
        self.chance = chance
        let names = [("Alpha", "al"), ("Beta", "be"), ("Gamma", "ga"), ("Delta", "de")]
        for (name, prefix) in names.prefix(chance.between(2, 4)) {
            tables.append(ReferenceTable(name: name, prefix: prefix))
        }
        for table in tables.indices { addColumns(to: table) }
        for table in tables.indices { addRelations(of: table) }
        for table in tables.indices where chance.percent(40) { addTree(to: table) }
        if chance.percent(60) { addTableBetween() }
        for table in tables.indices { addIndexes(to: table) }
    }

    private mutating func addColumns(to table: Int) {
        if chance.percent(60) {
            tables[table].fields.append(ReferenceField("code", .scalar(.string)))
            tables[table].keys.append(["code"])
        }
        if chance.percent(30) {
            tables[table].fields += [
                ReferenceField("grp", .scalar(.int)), ReferenceField("num", .scalar(.int)),
            ]
            tables[table].keys.append(["grp", "num"])
        }
        for number in 0..<chance.between(2, 8) {
            tables[table].fields.append(
                ReferenceField("c\(number)", kind(), isNullable: chance.percent(50)))
        }
    }

    private func kind() -> ReferenceKind {
        switch chance.below(20) {
        case 0, 1, 2: .scalar(.int)
        case 3: .scalar(.long)
        case 4, 5: .scalar(.float)
        case 6: .scalar(.boolean)
        case 7, 8, 9: .scalar(.string)
        case 10: .scalar(.emailAddress)
        case 11: .scalar(.dateTime)
        case 12: .scalar(.date)
        case 13: chance.percent(50) ? .scalar(.json) : .scalar(.id)
        case 14: Self.colour
        case 15: Self.size
        case 16: Self.spot
        case 17: Self.money
        case 18:
            .list(
                chance.pick([
                    .scalar(.string), .scalar(.int), .scalar(.float), Self.colour,
                    .scalar(.dateTime), .scalar(.boolean), .scalar(.id),
                ]), itemIsNullable: chance.percent(30))
        default: .list(chance.pick([Self.spot, Self.money]), itemIsNullable: chance.percent(20))
        }
    }

    private mutating func addRelations(of table: Int) {
        for number in 0..<chance.below(3) {
            let target = chance.below(tables.count)
            let isNullable = chance.percent(50) || target == table
            let relation = ReferenceField(
                "r\(number)", .toOne(tables[target].name), isNullable: isNullable,
                onDelete: chance.pick(
                    ["RESTRICT", "CASCADE"] + (isNullable ? ["SET_NULL", "SET_NULL"] : [])))
            tables[table].fields.append(relation)
            if target < table && chance.percent(30) { tables[table].shardBy = relation.name }
            if chance.percent(75) {
                tables[target].fields.append(
                    ReferenceField(
                        "\(tables[table].singular)By\(number)",
                        .toMany(tables[table].name, by: relation.name)))
            }
        }
    }

    private mutating func addTree(to table: Int) {
        if chance.percent(60) {
            tables[table].fields.append(
                ReferenceField(
                    "above", .toOne(tables[table].name), isNullable: true,
                    onDelete: chance.pick(["SET_NULL", "CASCADE"])))
        }
        tables[table].tree =
            tables[table].fields.last { $0.target == tables[table].name && $0.isNullable }?.name
    }

    private mutating func addTableBetween() {
        let sides = chance.some(2, of: Array(tables.indices))
        var between = ReferenceTable(name: "Link", prefix: "li")
        for (name, side) in zip(["left", "right"], sides) {
            let isNullable = chance.percent(25)
            between.fields.append(
                ReferenceField(
                    name, .toOne(tables[side].name), isNullable: isNullable, onDelete: "CASCADE"))
        }
        between.fields.append(ReferenceField("weight", .scalar(.int)))
        if chance.percent(30) { between.shardBy = "left" }
        tables[sides[0]].fields.append(
            ReferenceField(
                "partners",
                .through(tables[sides[1]].name, link: "Link", owner: "left", other: "right")))
        tables[sides[1]].fields.append(
            ReferenceField(
                "friends",
                .through(tables[sides[0]].name, link: "Link", owner: "right", other: "left")))
        tables.append(between)
    }

    private mutating func addIndexes(to table: Int) {
        let names = tables[table].fields.filter { field in
            switch field.kind {
            case .toOne, .enumeration: true
            case .scalar(let scalar): scalar != .json && field.name != "id"
            default: false
            }
        }.map(\.name)
        for name in names where name != "version" && !name.hasSuffix("At") && chance.percent(35) {
            tables[table].indexes.append([name])
        }
        for field in tables[table].fields where chance.percent(60) {
            guard case .scalar(.date) = field.kind else { continue }
            let first =
                chance.percent(30) ? chance.some(1, of: names).filter { $0 != field.name } : []
            tables[table].monthDayIndexes.append(first + [field.name])
        }
        for _ in 0..<chance.below(3) where names.count >= 3 {
            tables[table].indexes.append(chance.some(chance.between(2, 3), of: names))
        }
    }

    // MARK: The schema file

    var text: String {
        var blocks = tables.map(text)
        let used = blocks.joined()
        if used.contains("Spot") { blocks.append(type("Spot", Self.spot)) }
        if used.contains("Money") || used.contains("Spot") {
            blocks.append(type("Money", Self.money))
        }
        if used.contains("Colour") || used.contains("Spot") {
            blocks.append("enum Colour { RED GREEN BLUE }")
        }
        if used.contains("Size") { blocks.append("enum Size { S M L XL }") }
        return blocks.joined(separator: "\n\n")
    }

    private func text(_ table: ReferenceTable) -> String {
        var text = "type \(table.name) @table(idPrefix: \"\(table.prefix.dropLast())\""
        if let shardBy = table.shardBy { text += ", shardBy: \"\(shardBy)\"" }
        text += ")"
        if let tree = table.tree { text += " @tree(parent: \"\(tree)\")" }
        for key in table.keys { text += "\n  @key(fields: \"\(key.joined(separator: " "))\")" }
        for index in table.indexes where index.count > 1 {
            let fields = index.map { "\"\($0)\"" }.joined(separator: ", ")
            text += "\n  @index(fields: [\(fields)])"
        }
        for index in table.monthDayIndexes {
            let fields = index.map { "\"\($0)\"" }.joined(separator: ", ")
            text += "\n  @index(fields: [\(fields)], kind: MONTH_DAY)"
        }
        text += " {\n"
        for field in table.fields.dropFirst(4) {
            let mark = field.isNullable ? "" : "!"
            text += "  \(field.name): \(field.kind.typeName)\(mark)"
            switch field.kind {
            case .toOne: text += " @relation(onDelete: \(field.onDelete))"
            case .toMany(_, let by): text += " @relation(inverse: \"\(by)\")"
            case .through(_, let link, _, _): text += " @relation(through: \"\(link)\")"
            default: break
            }
            if table.indexes.contains([field.name]) { text += " @index" }
            text += "\n"
        }
        return text + "}"
    }

    private func type(_ name: String, _ kind: ReferenceKind) -> String {
        guard case .value(_, let fields) = kind else { return "" }
        let lines = fields.map { "  \($0.name): \($0.kind.typeName)\($0.isNullable ? "" : "!")" }
        return "type \(name) {\n\(lines.joined(separator: "\n"))\n}"
    }
}
