import FoundationEssentials
import Store

/// A data file and the table it fills.
struct ImportSource: Sendable {
    enum Format: Sendable {
        case lines
        case csv
    }

    let path: String
    let format: Format
    let table: TableModel
}

/// Which files of a folder are data, and in which order they are read.
enum ImportSources {
    /// What the files of refused lines end in; an import does not read its own.
    static let errorSuffix = ".errors.ndjson"

    static func find(in folder: String, _ model: Model) throws(ImportError) -> [ImportSource] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw ImportError(.unreadable(path: folder, reason: "no folder can be opened there"))
        }
        let tables = model.tables.map(\.plural)
        var found: [TableID: ImportSource] = [:]
        var problems: [ImportProblem] = []
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard let (stem, format) = split(name), !name.hasPrefix(".") else { continue }
            let path = prefix + name
            guard let table = model.tables.first(where: { $0.plural == stem }) else {
                problems.append(.unknownTable(file: path, name: stem, tables: tables))
                continue
            }
            if let first = found[table.id] {
                problems.append(.twoFiles(first: first.path, second: path, table: stem))
            } else {
                found[table.id] = ImportSource(path: path, format: format, table: table)
            }
        }
        if found.isEmpty && problems.isEmpty {
            problems.append(.noFiles(folder: folder, tables: tables))
        }
        if !problems.isEmpty { throw ImportError(problems) }
        return referenceOrder(model).compactMap { found[$0] }
    }

    static func source(_ path: String, _ table: TableModel) throws(ImportError) -> ImportSource {
        guard let (_, format) = split(path) else {
            throw ImportError(.unknownFormat(file: path))
        }
        return ImportSource(path: path, format: format, table: table)
    }

    /// The name before its ending, and what the ending means; nil when the file is no data.
    private static func split(_ name: String) -> (stem: String, format: ImportSource.Format)? {
        if name.hasSuffix(errorSuffix) { return nil }
        for (ending, format) in [
            (".ndjson", ImportSource.Format.lines), (".jsonl", .lines), (".csv", .csv),
        ] where name.hasSuffix(ending) {
            return (String(name.dropLast(ending.count)), format)
        }
        return nil
    }

    /// All tables, each after those that its rows must refer to, and as far as possible after those
    /// that they may refer to. Where there are cycles, one reference of each leads further on.
    static func referenceOrder(_ model: Model) -> [TableID] {
        let all = order(model.tables.map(\.id), model, requiredOnly: false)
        return order(all, model, requiredOnly: true)
    }

    private static func order(
        _ tables: [TableID], _ model: Model, requiredOnly: Bool
    ) -> [TableID] {
        var order: [TableID] = []
        var isVisited = [Bool](repeating: false, count: model.tables.count)
        // Depth first, with a stack of its own: a chain of tables may be as long as the model.
        for root in tables where !isVisited[root.index] {
            isVisited[root.index] = true
            var path = [(table: root, rest: targets(of: root, model, requiredOnly)[...])]
            while let (table, rest) = path.last {
                if let next = rest.first {
                    path[path.count - 1].rest = rest.dropFirst()
                    guard !isVisited[next.index] else { continue }
                    isVisited[next.index] = true
                    path.append((next, targets(of: next, model, requiredOnly)[...]))
                } else {
                    order.append(table)
                    path.removeLast()
                }
            }
        }
        return order
    }

    private static func targets(
        of table: TableID, _ model: Model, _ requiredOnly: Bool
    ) -> [TableID] {
        var targets: [TableID] = []
        for field in model[table].fields {
            switch field.kind {
            case .toOne(_, let target):
                if !requiredOnly || !field.isNullable { targets.append(target) }
            // The id of a row inside a value must come before it.
            case .column(_, let type): targets += references(in: type, model)
            case .id, .referenceID, .toMany, .computed: break
            }
        }
        return targets
    }

    /// Values do not contain themselves: the model has seen to it.
    private static func references(in type: StoredType, _ model: Model) -> [TableID] {
        switch type {
        case .reference(let target): [target]
        case .list(let item, _): references(in: item, model)
        case .value(let id): model[id].fields.flatMap { references(in: $0.type, model) }
        case .scalar, .enum: []
        }
    }
}
