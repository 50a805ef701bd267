/// What lies in a data directory.
///
///     LOCK                            held by the process that uses the directory
///     journal-0000000001.log          the changes of a generation
///     journal.mark                    how far they were acknowledged
///     snapshot-0000000001/            the rows with which the generation begins
///     journal-0000000002.log.tmp      a journal that was not finished
///     snapshot-0000000002.tmp/        a snapshot that was not finished, or is being removed
///     damaged-…                       what a recovery has set aside
///     control.sock, keys.json         of the server, which the store leaves alone
struct DirectoryListing: Equatable, Sendable {
    /// Generations, ascending.
    var snapshots: [UInt64] = []
    var journals: [UInt64] = []
    var hasMark = false
    /// Directories and files that nobody needs.
    var unfinishedFolders: [String] = []
    var unfinishedFiles: [String] = []
    var damaged: [String] = []
    var unknown: [String] = []

    static let lockName = "LOCK"
    static let damagedPrefix = "damaged-"
    private static let temporarySuffix = ".tmp"
    private static let snapshotPrefix = "snapshot-"

    init(_ disk: any Disk) throws(DirectoryError) {
        let names = try onDisk { () throws(DiskError) in try disk.list("") }
        for name in names { add(name) }
        snapshots.sort()
        journals.sort()
    }

    private mutating func add(_ name: String) {
        if name == DirectoryListing.lockName { return }
        if name == JournalMark.fileName {
            hasMark = true
        } else if name.hasPrefix(DirectoryListing.damagedPrefix) {
            damaged.append(name)
        } else if let generation = DirectoryListing.generation(
            of: name, prefix: DirectoryListing.snapshotPrefix, suffix: "")
        {
            snapshots.append(generation)
        } else if DirectoryListing.generation(
            of: name, prefix: DirectoryListing.snapshotPrefix,
            suffix: DirectoryListing.temporarySuffix) != nil
        {
            unfinishedFolders.append(name)
        } else if name.hasSuffix(Journal.unfinishedSuffix),
            Journal.generation(
                ofName: String(name.dropLast(Journal.unfinishedSuffix.utf8.count))) != nil
        {
            unfinishedFiles.append(name)
        } else if let generation = Journal.generation(ofName: name) {
            journals.append(generation)
        } else if !DirectoryListing.isForeign(name) {
            unknown.append(name)
        }
    }

    /// Whether others may put such a file here: sockets and access keys of a running server, and
    /// what a file system has at its own root.
    private static func isForeign(_ name: String) -> Bool {
        name.hasSuffix(".sock") || ["keys.json", "keys.json.tmp", "lost+found"].contains(name)
    }

    /// The greatest number that any file has; 0 when there is none.
    var newestGeneration: UInt64 { max(snapshots.last ?? 0, journals.last ?? 0) }

    /// `snapshot-0000000001`
    static func snapshotName(_ generation: UInt64) -> String {
        snapshotPrefix + decimalDigits(generation, count: 10)
    }

    /// `snapshot-0000000001.tmp`
    static func temporaryName(_ generation: UInt64) -> String {
        snapshotName(generation) + temporarySuffix
    }

    /// The number in a name that is written as this program writes it.
    private static func generation(of name: String, prefix: String, suffix: String) -> UInt64? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let digits = name.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
        guard let generation = UInt64(digits), generation > 0,
            prefix + decimalDigits(generation, count: 10) + suffix == name
        else { return nil }
        return generation
    }
}

/// Decimal digits, padded with zeros.
func decimalDigits(_ number: UInt64, count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}

extension Disk {
    /// Takes a directory of files away, with what is in it. A directory that is cut off in the
    /// middle of this still has a name that says so: it is renamed before.
    func removeFolder(_ name: String) throws(DiskError) {
        for file in try list(name) { try remove("\(name)/\(file)") }
        try removeDirectory(name)
    }
}
