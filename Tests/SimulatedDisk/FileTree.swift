import Bytes
import Glibc
import Store

/// The content of a file: what is read, and what a power cut leaves.
struct SimulatedFile: Sendable {
    enum Change: Sendable {
        case write(Int, [UInt8])
        case truncate(Int)
    }

    /// What reads see.
    private(set) var content: [UInt8] = []
    private var synced: [UInt8] = []
    /// What was done since the last sync.
    private var pending: [Change] = []

    init() {}

    init(synced: [UInt8]) {
        content = synced
        self.synced = synced
    }

    mutating func change(_ change: Change) {
        SimulatedFile.apply(change, to: &content)
        pending.append(change)
    }

    mutating func sync() {
        for change in pending { SimulatedFile.apply(change, to: &synced) }
        pending = []
    }

    /// The changes count as clean and are not on the disk.
    mutating func losePending() {
        pending = []
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .write(let offset, let new):
            if new.isEmpty { return }
            if bytes.count < offset + new.count {
                bytes.append(
                    contentsOf: repeatElement(0, count: offset + new.count - bytes.count))
            }
            bytes.replaceSubrange(offset..<offset + new.count, with: new)
        case .truncate(let count):
            if count < bytes.count {
                bytes.removeSubrange(count...)
            } else {
                bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
            }
        }
    }

    /// Bytes that a disk writes in one go.
    private static let sectorByteCount = 512

    func afterPowerCut(_ random: inout SeededRandom) -> SimulatedFile {
        var bytes = synced
        switch random.below(4) {
        case 0: break
        case 1:
            for change in pending { SimulatedFile.apply(change, to: &bytes) }
        case 2:
            for change in pending.prefix(random.below(pending.count + 1)) {
                SimulatedFile.apply(change, to: &bytes)
            }
        default:
            for change in pending { SimulatedFile.tear(change, into: &bytes, &random) }
        }
        return SimulatedFile(synced: bytes)
    }

    /// Does a change as far as chance has it: sector by sector kept, lost or junk.
    private static func tear(
        _ change: Change, into bytes: inout [UInt8], _ random: inout SeededRandom
    ) {
        guard case .write(let offset, let new) = change else {
            if random.below(2) == 0 { apply(change, to: &bytes) }
            return
        }
        var start = 0
        while start < new.count {
            let sectorEnd = (offset + start) / sectorByteCount * sectorByteCount + sectorByteCount
            let end = min(new.count, sectorEnd - offset)
            let part = Array(new[start..<end])
            switch random.below(4) {
            case 0: break
            case 1:
                apply(
                    .write(
                        offset + start, part.map { _ in UInt8(truncatingIfNeeded: random.next()) }),
                    to: &bytes)
            default: apply(.write(offset + start, part), to: &bytes)
            }
            start = end
        }
    }
}

/// The names in a directory: those that are seen, and those that a power cut leaves.
struct SimulatedDirectory: Sendable {
    enum Entry: Sendable, Equatable {
        case file(Int)
        case directory
    }

    enum Change: Sendable {
        case link(String, Entry)
        case unlink(String)
        /// What is renamed is part of it: without the changes before, an older file of that name
        /// does not get the new one.
        case rename(String, Entry, String)
    }

    private(set) var now: [String: Entry] = [:]
    private var synced: [String: Entry] = [:]
    private var pending: [Change] = []

    init() {}

    init(synced: [String: Entry]) {
        now = synced
        self.synced = synced
    }

    mutating func change(_ change: Change) {
        SimulatedDirectory.apply(change, to: &now)
        pending.append(change)
    }

    mutating func sync() {
        for change in pending { SimulatedDirectory.apply(change, to: &synced) }
        pending = []
    }

    private static func apply(_ change: Change, to entries: inout [String: Entry]) {
        switch change {
        case .link(let name, let entry): entries[name] = entry
        case .unlink(let name): entries[name] = nil
        case .rename(let name, let entry, let newName):
            if entries[name] == entry { entries[name] = nil }
            entries[newName] = entry
        }
    }

    /// The names after a power cut: each change is done or not, in the order of the changes.
    func entriesAfterPowerCut(_ random: inout SeededRandom) -> [String: Entry] {
        var entries = synced
        let mode = random.below(3)
        for change in pending where mode == 1 || mode == 2 && random.below(2) == 0 {
            SimulatedDirectory.apply(change, to: &entries)
        }
        return entries
    }
}

/// All files and directories; directories lie in the root alone.
struct FileTree: Sendable {
    var files: [Int: SimulatedFile] = [:]
    /// By name; the root's is empty.
    var directories: [String: SimulatedDirectory] = ["": SimulatedDirectory()]
    private var nextFile = 1

    static func directory(of name: String) -> String {
        name.split(separator: "/").count > 1 ? String(name.prefix { $0 != "/" }) : ""
    }

    static func base(of name: String) -> String {
        String(name.split(separator: "/").last ?? "")
    }

    func entry(_ name: String) -> SimulatedDirectory.Entry? {
        directories[FileTree.directory(of: name)]?.now[FileTree.base(of: name)]
    }

    /// A directory that has a name.
    func directory(_ name: String) -> SimulatedDirectory? {
        name.isEmpty || entry(name) == .directory ? directories[name] : nil
    }

    /// The number of a file.
    func file(_ name: String) -> Int? {
        if case .file(let number) = entry(name) { return number }
        return nil
    }

    var fileNames: [String] {
        var names: [String] = []
        for (directory, content) in directories {
            guard self.directory(directory) != nil else { continue }
            for (name, entry) in content.now where entry != .directory {
                names.append(directory.isEmpty ? name : "\(directory)/\(name)")
            }
        }
        return names.sorted()
    }

    mutating func change(_ directory: String, _ change: SimulatedDirectory.Change) {
        directories[directory]?.change(change)
    }

    mutating func makeFile(
        _ name: String, _ operation: DiskError.Operation
    ) throws(DiskError) -> Int {
        let directory = FileTree.directory(of: name)
        guard self.directory(directory) != nil else {
            throw DiskError(operation, name, code: ENOENT)
        }
        guard entry(name) == nil else { throw DiskError(operation, name, code: EEXIST) }
        let number = nextFile
        nextFile += 1
        files[number] = SimulatedFile()
        change(directory, .link(FileTree.base(of: name), .file(number)))
        return number
    }

    mutating func rename(_ name: String, to newName: String) throws(DiskError) {
        guard let entry = entry(name) else { throw DiskError(.rename, name, code: ENOENT) }
        let directory = FileTree.directory(of: name)
        guard directory == FileTree.directory(of: newName) else {
            throw DiskError(.rename, name, code: EXDEV)
        }
        if entry == .directory {
            guard self.entry(newName) == nil else {
                throw DiskError(.rename, name, code: ENOTEMPTY)
            }
            directories[newName] = directories[name]
        }
        change(directory, .rename(FileTree.base(of: name), entry, FileTree.base(of: newName)))
    }

    mutating func replace(_ name: String, with bytes: [UInt8]?) {
        let directory = FileTree.directory(of: name)
        let base = FileTree.base(of: name)
        guard let bytes else {
            change(directory, .unlink(base))
            directories[directory]?.sync()
            return
        }
        let number = file(name) ?? nextFile
        if number == nextFile { nextFile += 1 }
        files[number] = SimulatedFile(synced: bytes)
        change(directory, .link(base, .file(number)))
        directories[directory]?.sync()
    }

    func afterPowerCut(_ random: inout SeededRandom) -> FileTree {
        var tree = FileTree()
        tree.nextFile = nextFile
        let rootEntries = directories["", default: SimulatedDirectory()]
            .entriesAfterPowerCut(&random)
        tree.directories[""] = SimulatedDirectory(synced: rootEntries)
        for (name, entry) in rootEntries.sorted(by: { $0.key < $1.key }) {
            switch entry {
            case .file(let number): tree.files[number] = file(number, &random)
            case .directory:
                // A directory that was renamed is kept under both names; they share their content.
                let entries = directories[name, default: SimulatedDirectory()]
                    .entriesAfterPowerCut(&random)
                tree.directories[name] = SimulatedDirectory(synced: entries)
                for case (_, .file(let number)) in entries.sorted(by: { $0.key < $1.key }) {
                    tree.files[number] = file(number, &random)
                }
            }
        }
        return tree
    }

    private func file(_ number: Int, _ random: inout SeededRandom) -> SimulatedFile {
        files[number, default: SimulatedFile()].afterPowerCut(&random)
    }
}
