import Glibc
import GraphQL
import Store

/// One field of a table as it is read from files. Trivial, so that a row's loop counts no
/// references; what only some fields have lies beside it in ``ImportFields``.
struct ImportField {
    enum Kind: UInt8 {
        case id
        case idText
        case text
        case email
        case int
        case long
        case float
        case boolean
        case dateTime
        case date
        case json
        case enumeration
        case value
        case reference
        case list
    }

    let kind: Kind
    let isNullable: Bool
    let hasConstraint: Bool
    /// −1 for a list of other rows.
    let column: ColumnID
    /// The table of a reference.
    let target: TableID
    /// Into ``ImportFields/names``, ``ImportFields/constraints`` and their like.
    let index: Int
    let nameOffset: Int
    let nameCount: Int
}

/// All fields of a table, both names of each relation included, found by name.
// Safe: `fields`, `followers` and `nameBytes` are allocated here with one element for each field,
// follower and byte, and freed with this object.
@safe
final class ImportFields {
    let names: [String]
    let constraints: [ConstraintModel?]
    /// What value columns hold.
    let types: [StoredType?]
    let enumNames: [EnumNames?]
    /// The table's name beside a list of its rows.
    let listTables: [String?]
    /// What a row takes for a column that it does not give; required columns without a default
    /// have none.
    let absences: [Absence]
    let columnCount: Int
    let count: Int

    private let fields: UnsafeMutablePointer<ImportField>
    private let nameBytes: UnsafeMutablePointer<UInt8>
    /// The field that came after each one in the last row that had it; the last element is for the
    /// first field of a row. Rows of a file mostly have the same order.
    private let followers: UnsafeMutablePointer<Int>

    struct Absence {
        enum Value {
            case missing
            case now
            case constant(CoercedValue)
        }

        let column: ColumnID
        let field: Int
        let value: Value
    }

    init(_ table: TableModel, _ model: Model) {
        var fields: [ImportField] = []
        var constraints: [ConstraintModel?] = []
        var types: [StoredType?] = []
        var enumNames: [EnumNames?] = []
        var listTables: [String?] = []
        var absences: [Absence] = []
        var bytes: [UInt8] = []
        let ownFields = table.fields.filter {
            if case .computed = $0.kind { false } else { true }
        }
        for field in ownFields {
            let (kind, column, target, type) = ImportFields.storage(field)
            let index = fields.count
            fields.append(
                ImportField(
                    kind: kind, isNullable: field.isNullable,
                    hasConstraint: field.constraint != nil, column: column, target: target,
                    index: index, nameOffset: bytes.count, nameCount: field.name.utf8.count))
            bytes += field.name.utf8
            constraints.append(field.constraint)
            types.append(type)
            if case .enum(let id)? = type {
                enumNames.append(EnumNames(model[id].values))
            } else {
                enumNames.append(nil)
            }
            listTables.append(kind == .list ? model[target].plural : nil)
            if case .referenceID = field.kind { continue }
            guard column >= TableDefinition.systemColumns.count else { continue }
            switch field.defaultValue {
            case .now: absences.append(Absence(column: column, field: index, value: .now))
            case .constant(let value):
                absences.append(Absence(column: column, field: index, value: .constant(value)))
            case nil:
                if field.isNullable { continue }
                absences.append(Absence(column: column, field: index, value: .missing))
            }
        }
        names = ownFields.map(\.name)
        self.constraints = constraints
        self.types = types
        self.enumNames = enumNames
        self.listTables = listTables
        self.absences = absences
        columnCount = model.storeDefinition.tables[table.id.index].columns.count
        count = fields.count
        unsafe self.fields = .allocate(capacity: max(count, 1))
        unsafe nameBytes = .allocate(capacity: max(bytes.count, 1))
        unsafe followers = .allocate(capacity: count + 1)
        for (index, field) in fields.enumerated() {
            unsafe (self.fields + index).initialize(to: field)
        }
        for (offset, byte) in bytes.enumerated() {
            unsafe (nameBytes + offset).initialize(to: byte)
        }
        // To begin with, the order of the schema.
        for index in 0...count {
            unsafe (followers + index).initialize(to: index == count ? 0 : (index + 1) % count)
        }
    }

    deinit {
        unsafe fields.deallocate()
        unsafe nameBytes.deallocate()
        unsafe followers.deallocate()
    }

    /// The place before the first field of a row.
    var start: Int { count }

    @inline(__always)
    subscript(index: Int) -> ImportField {
        assert(index >= 0 && index < count)
        return unsafe fields[index]
    }

    /// The field with that name, or nil; found at once when it follows `previous` as in the last
    /// row.
    @inline(__always)
    func find(_ name: UnsafeRawBufferPointer, after previous: Int) -> ImportField? {
        let expected = unsafe fields[followers[previous]]
        if unsafe matches(name, expected) { return expected }
        return unsafe search(name, after: previous)
    }

    @inline(never)
    private func search(_ name: UnsafeRawBufferPointer, after previous: Int) -> ImportField? {
        for index in 0..<count {
            let field = unsafe fields[index]
            if unsafe matches(name, field) {
                unsafe followers[previous] = index
                return field
            }
        }
        return nil
    }

    @inline(__always)
    private func matches(_ name: UnsafeRawBufferPointer, _ field: ImportField) -> Bool {
        guard name.count == field.nameCount, let base = name.baseAddress else { return false }
        return unsafe memcmp(base, nameBytes + field.nameOffset, name.count) == 0
    }

    /// Messages name at most so much of what a file has for a name.
    private static let shownScalarsMax = 100

    /// Why no field has that name.
    func unknown(_ name: String) -> RowFault {
        let shown = String(
            String.UnicodeScalarView(name.unicodeScalars.prefix(Self.shownScalarsMax)))
        return .unknownKey(shown, hint: spellingHint(for: shown))
    }

    /// `did you mean "email"?`, or the fields there are.
    func spellingHint(for name: String) -> String? {
        let given = names.indices.filter { unsafe fields[$0].kind != .list }.map { names[$0] }
        return Engine.spellingHint(for: name, among: given)
    }

    /// How a field lies in its column.
    private static func storage(
        _ field: FieldModel
    ) -> (ImportField.Kind, ColumnID, TableID, StoredType?) {
        switch field.kind {
        case .id: (.id, TableDefinition.idColumn, TableID(0), nil)
        case .toOne(let column, let target), .referenceID(let column, let target):
            (.reference, column, target, nil)
        case .toMany(let relation): (.list, -1, relation.linkTable, nil)
        case .column(let column, let type): (kind(type), column, TableID(0), type)
        case .computed: preconditionFailure("a computed field is in no file")
        }
    }

    private static func kind(_ type: StoredType) -> ImportField.Kind {
        switch type {
        case .scalar(.id): .idText
        case .scalar(.string): .text
        case .scalar(.emailAddress): .email
        case .scalar(.int): .int
        case .scalar(.long): .long
        case .scalar(.float): .float
        case .scalar(.boolean): .boolean
        case .scalar(.dateTime): .dateTime
        case .scalar(.date): .date
        case .scalar(.json): .json
        case .enum: .enumeration
        case .value, .list, .reference: .value
        }
    }
}

/// The values of an enum, found by their first bytes.
// Safe: `words` and `bytes` are allocated here and freed with this object.
@safe
final class EnumNames {
    let names: [String]
    /// The first eight bytes of each name, the first in the lowest byte; short ones end in zeros.
    private let words: UnsafeMutablePointer<UInt64>
    private let bytes: [[UInt8]]

    init(_ names: [String]) {
        self.names = names
        bytes = names.map { Array($0.utf8) }
        unsafe words = .allocate(capacity: max(names.count, 1))
        for (place, name) in bytes.enumerated() {
            let word = unsafe name.withUnsafeBytes { unsafe EnumNames.word($0) }
            unsafe (words + place).initialize(to: word)
        }
    }

    deinit {
        unsafe words.deallocate()
    }

    func place(of text: UnsafeRawBufferPointer) -> Int? {
        let wanted = unsafe EnumNames.word(text)
        for place in 0..<bytes.count where unsafe words[place] == wanted {
            // No name holds a zero byte, so equal words of short texts are equal texts.
            guard text.count == bytes[place].count else { continue }
            if text.count <= 8 { return place }
            if unsafe text.elementsEqual(bytes[place]) { return place }
        }
        return nil
    }

    @inline(__always)
    private static func word(_ text: UnsafeRawBufferPointer) -> UInt64 {
        if text.count >= 8 {
            return unsafe UInt64(littleEndian: text.loadUnaligned(as: UInt64.self))
        }
        var word: UInt64 = 0
        for index in 0..<text.count {
            word |= unsafe UInt64(text[index]) &<< UInt64(8 &* index)
        }
        return word
    }
}
