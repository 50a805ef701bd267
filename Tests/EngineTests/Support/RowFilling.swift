import Bytes
import JSON
import Store
import Testing

@testable import Engine

/// Puts the values of a JSON object into a row builder.
struct RowFilling {
    /// A relation to a row that is not there yet.
    struct Missing {
        let column: ColumnID
        let target: TableID
        let id: String
    }

    let model: Model
    /// The row of a table with a public id.
    let rows: ValueWriter.Rows
    private(set) var missing: [Missing] = []

    init(model: Model, rows: @escaping ValueWriter.Rows) {
        self.model = model
        self.rows = rows
    }

    mutating func fill(_ builder: RowBuilder, _ table: TableModel, _ values: JSONValue) throws {
        for member in values.members ?? [] {
            let field = try #require(table.field(member.key), "no field \(member.key)")
            switch field.kind {
            case .id:
                let id = try #require(member.value.string)
                try #require(id.hasPrefix(table.idPrefix))
                builder.set(0, text: String(id.dropFirst(table.idPrefix.count)))
            case .column(let column, let type):
                try set(column, type, member.value, builder)
            case .toOne(let column, let target):
                guard let id = member.value.string else {
                    builder.setNull(column)
                    continue
                }
                if let ref = rows(target, id) {
                    builder.set(column, reference: ref)
                } else {
                    missing.append(Missing(column: column, target: target, id: id))
                }
            case .referenceID, .toMany, .computed:
                Issue.record("\(member.key) is no stored field")
            }
        }
    }

    private func set(
        _ column: ColumnID, _ type: StoredType, _ value: JSONValue, _ builder: RowBuilder
    ) throws {
        if value.isNull { return builder.setNull(column) }
        switch type {
        case .scalar(.json): builder.set(column, text: value.description)
        case .scalar(let scalar) where scalar.isText:
            builder.set(column, text: try #require(value.string))
        case .scalar(.float): builder.set(column, double: try #require(value.double))
        case .scalar(.boolean): builder.set(column, int: value.bool == true ? 1 : 0)
        case .scalar(.int), .scalar(.long): builder.set(column, int: try #require(value.int64))
        case .scalar(let scalar):
            guard case .int(let number)? = scalar.coerce(.string(try #require(value.string)))
            else { throw ValueError(path: [], fault: .expected(scalar.expectation)) }
            builder.set(column, int: number)
        case .enum(let id):
            let place = model[id].values.firstIndex(of: try #require(value.string))
            builder.set(column, int: Int64(try #require(place)))
        case .value, .list, .reference:
            let buffer = ByteBuffer()
            var text = value.description
            try text.withUTF8 { bytes in
                var reader = unsafe JSONReader(UnsafeRawBufferPointer(bytes))
                try ValueWriter(model).append(&reader, as: type, to: buffer, rows: rows)
            }
            unsafe buffer.withUnsafeBytes { unsafe builder.set(column, bytes: $0) }
        }
    }
}
