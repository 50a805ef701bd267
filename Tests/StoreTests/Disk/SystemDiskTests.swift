import Foundation
import Glibc
import SimulatedDisk
import Testing

@testable import Store

extension Disk {
    /// The content of a file.
    func content(of name: String) throws -> [UInt8] {
        let file = try open(name, forWriting: false)
        var bytes = [UInt8](repeating: 0, count: try file.size() + 10)
        let count = try unsafe bytes.withUnsafeMutableBytes {
            try unsafe file.read(at: 0, into: $0)
        }
        return Array(bytes.prefix(count))
    }
}

extension DiskFile {
    func write(_ bytes: [UInt8], at offset: Int) throws {
        try unsafe bytes.withUnsafeBytes { source in
            try unsafe write(source, at: offset)
        }
    }
}

/// Calls `body` with the path of a directory that does not outlive it.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "tessera-store-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

@Suite struct DiskTests {
    /// The same script on the system's disk and on the simulated one.
    private func runScript(_ disk: any Disk) throws {
        #expect(try disk.list("") == [])
        let file = try disk.create("a")
        try file.write([1, 2, 3, 4, 5], at: 0)
        try file.write([9, 8], at: 2)
        #expect(try disk.content(of: "a") == [1, 2, 9, 8, 5])
        try file.truncate(to: 3)
        try file.write([7], at: 5)
        #expect(try disk.content(of: "a") == [1, 2, 9, 0, 0, 7])
        #expect(try file.size() == 6)
        #expect(try disk.size(of: "a") == 6)
        #expect(try disk.size(of: "b") == nil)
        try file.sync()
        #expect(throws: DiskError(.create, "a", code: EEXIST)) { try disk.create("a") }
        #expect(throws: DiskError(.open, "b", code: ENOENT)) {
            try disk.open("b", forWriting: false)
        }
        try disk.makeDirectory("d")
        try disk.create("d/x").write([1], at: 0)
        #expect(try disk.list("d") == ["x"])
        #expect(try disk.list("") == ["a", "d"])
        #expect(throws: DiskError(.makeDirectory, "d", code: EEXIST)) {
            try disk.makeDirectory("d")
        }
        #expect(throws: DiskError(.removeDirectory, "d", code: ENOTEMPTY)) {
            try disk.removeDirectory("d")
        }
        try disk.rename("d", to: "e")
        #expect(try disk.content(of: "e/x") == [1])
        try disk.rename("a", to: "b")
        try disk.create("c").write([3], at: 0)
        try disk.rename("c", to: "b")
        #expect(try disk.content(of: "b") == [3])
        try disk.syncDirectory("e")
        try disk.syncDirectory("")
        try disk.remove("e/x")
        try disk.removeDirectory("e")
        #expect(throws: DiskError(.remove, "e", code: ENOENT)) { try disk.remove("e") }
        #expect(throws: DiskError(.list, "e", code: ENOENT)) { try disk.list("e") }
        var lock: (any DiskLock)? = try disk.lock("LOCK")
        #expect(throws: DiskError(.lock, "LOCK", code: EWOULDBLOCK)) { try disk.lock("LOCK") }
        _ = lock
        lock = nil
        _ = try disk.lock("LOCK")
        #expect(try disk.list("") == ["LOCK", "b"])
    }

    @Test func `the system's disk does what is written`() throws {
        try withTemporaryDirectory { path in
            try runScript(try SystemDisk(path: path + "/data", create: true))
        }
    }

    @Test func `the simulated disk does the same`() throws {
        try runScript(SimulatedDisk())
    }

    @Test func `modes do not follow the umask`() throws {
        try withTemporaryDirectory { path in
            let old = umask(0)
            defer { umask(old) }
            func mode(_ name: String) -> mode_t {
                var status = stat()
                unsafe stat(path + name, &status)
                return status.st_mode & 0o777
            }
            for mask: mode_t in [0, 0o077] {
                umask(mask)
                let root = "/data-\(mask)"
                let disk = try SystemDisk(path: path + root, create: true)
                #expect(mode(root) == 0o700)
                _ = try disk.create("a")
                #expect(mode(root + "/a") == 0o600)
                try disk.makeDirectory("d")
                #expect(mode(root + "/d") == 0o700)
                _ = try disk.lock("LOCK")
                #expect(mode(root + "/LOCK") == 0o600)
            }
        }
    }

    @Test func `a directory is only made where it may be`() throws {
        try withTemporaryDirectory { path in
            #expect(throws: DiskError(.open, path + "/none", code: ENOENT)) {
                try SystemDisk(path: path + "/none", create: false)
            }
            #expect(throws: DiskError(.makeDirectory, path + "/none/data", code: ENOENT)) {
                try SystemDisk(path: path + "/none/data", create: true)
            }
        }
    }

    @Test func `what is no file is not opened, and not waited for`() throws {
        try withTemporaryDirectory { path in
            let disk = try SystemDisk(path: path, create: false)
            #expect(unsafe mkfifo(path + "/pipe", 0o600) == 0)
            try disk.makeDirectory("folder")
            #expect(unsafe symlink("loop", path + "/loop") == 0)
            for isForWriting in [false, true] {
                for (name, code) in [("pipe", ENODEV), ("folder", EISDIR), ("loop", ELOOP)] {
                    let error = DiskError(.open, name, code: code)
                    #expect(throws: error) { try disk.open(name, forWriting: isForWriting) }
                    #expect(error.isUnreadable)
                }
            }
        }
    }

    @Test func `an error names the operation, the file and the reason`() {
        #expect(
            DiskError(.write, "journal-0000000001.log", code: ENOSPC).description
                == "write journal-0000000001.log: No space left on device")
    }

    @Test func `a power cut keeps what was synced and tears the rest`() throws {
        var outcomes: Set<[UInt8]?> = []
        for seed in 0..<200 as Range<UInt64> {
            let disk = SimulatedDisk()
            let file = try disk.create("a")
            try file.write([1, 2], at: 0)
            try file.sync()
            try disk.syncDirectory("")
            try file.write([3, 4], at: 2)
            let other = try disk.create("b")
            try other.write([5], at: 0)
            try other.sync()
            let after = disk.powerCut(seed: seed)
            let kept = try #require(after.bytes(of: "a"))
            #expect(kept.prefix(2) == [1, 2], "seed \(seed)")
            outcomes.insert(kept)
            outcomes.insert(after.bytes(of: "b"))
            #expect(throws: DiskError(.write, "a", code: EIO)) { try file.write([0], at: 0) }
        }
        #expect(outcomes.isSuperset(of: [[1, 2], [1, 2, 3, 4], nil, [5]]))
        #expect(outcomes.count > 4)
    }

    @Test func `what a failed sync has lost stays lost`() throws {
        let disk = SimulatedDisk()
        let file = try disk.create("a")
        try disk.syncDirectory("")
        try file.write([1, 2], at: 0)
        disk.fail(operation: 4, .error(EIO), isPermanent: false)
        #expect(throws: DiskError(.sync, "a", code: EIO)) { try file.sync() }
        try file.write([3], at: 2)
        try file.sync()
        #expect(disk.bytes(of: "a") == [1, 2, 3])
        #expect(disk.powerCut(seed: 1).bytes(of: "a") == [0, 0, 3])
    }

    @Test func `a short write leaves a half`() throws {
        let disk = SimulatedDisk()
        let file = try disk.create("a")
        disk.fail(operation: 2, .shortWrite(ENOSPC), isPermanent: true)
        #expect(throws: DiskError(.write, "a", code: ENOSPC)) {
            try file.write([1, 2, 3, 4], at: 0)
        }
        #expect(throws: DiskError(.truncate, "a", code: ENOSPC)) { try file.truncate(to: 0) }
        disk.mend()
        #expect(try disk.content(of: "a") == [1, 2])
        #expect(disk.operationCount == 6)
    }
}
