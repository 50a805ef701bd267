/// The journals of a directory, read in the order of their generations as one chain.
struct JournalFiles {
    private let disk: any Disk

    init(_ disk: any Disk) {
        self.disk = disk
    }

    /// What the journals behind a snapshot made of a store.
    struct Outcome {
        /// Where the last of them ends.
        var end: JournalEnd
        /// Whether the last of them is for rows of another layout, as after a change of the schema
        /// that was cut off: then it has no records, and must not get any.
        var isOfOtherLayout = false
        var recordCount = 0
        var changeCount = 0
        var tail: TornTail?
        var remarks: [String] = []
    }

    /// Applies all changes behind a snapshot to a store that holds its rows.
    ///
    /// - Parameter limit: the last change to apply, when those behind it are given up.
    func replay(
        after manifest: Manifest, _ listing: DirectoryListing, into store: Store,
        codec: any FileCodec, limit: UInt64
    ) throws(DirectoryError) -> Outcome {
        let (mark, remark) = try findMark()
        var outcome = Outcome(end: manifest.end)
        if let remark { outcome.remarks.append(remark) }
        let replay = Replay(
            store, layout: manifest.layout,
            mapping: LayoutMapping(identity: manifest.layout), codec: codec)
        let last = max(
            listing.journals.last ?? 0, limit == .max ? mark?.generation ?? 0 : 0,
            manifest.generation)
        for generation in manifest.generation...last where outcome.end.sequence < limit {
            let reader = try open(
                generation, after: manifest, following: outcome.end, mark: mark,
                isNewest: generation == last)
            outcome.end = reader.end
            outcome.isOfOtherLayout = reader.header.layout != manifest.layout
            while reader.end.sequence < limit {
                guard let record = try next(reader) else { break }
                guard !outcome.isOfOtherLayout else {
                    throw .journal(
                        reader.fault(at: record, .header("its tables are not the snapshot's")))
                }
                do throws(JournalDamage.Reason) { try replay.apply(record) } catch {
                    throw .journal(reader.fault(at: record, error))
                }
                outcome.end = reader.end
                outcome.recordCount += 1
            }
            if reader.end.sequence < limit { outcome.tail = reader.tail }
        }
        replay.finish()
        outcome.changeCount = replay.changeCount
        return outcome
    }

    /// Whether the journal of a generation has nothing but its header.
    func hasNoRecords(generation: UInt64) throws(DirectoryError) -> Bool {
        let (mark, _) = try findMark()
        do {
            let reader = try JournalReader(
                disk, generation: generation, isNewest: true, mark: mark, following: nil)
            return try reader.next() == nil && reader.tail == nil
        } catch { throw DirectoryError(error) }
    }

    /// Reads the chain of all records behind a snapshot without a store.
    /// - Returns: a line for each file, and where the last one ends.
    func verify(
        after manifest: Manifest, _ generations: Range<UInt64>, newest: UInt64
    ) throws(DirectoryError) -> (lines: [String], end: JournalEnd) {
        var lines: [String] = []
        let (mark, _) = try findMark()
        var end = manifest.end
        for generation in generations {
            let reader = try open(
                generation, after: manifest, following: end, mark: mark,
                isNewest: generation == newest)
            var recordCount = 0
            while try next(reader) != nil { recordCount += 1 }
            end = reader.end
            lines.append(
                "\(reader.file): \(recordCount) records, up to change \(end.sequence)")
            if let tail = reader.tail { lines.append(tail.text) }
        }
        return (lines, end)
    }

    /// Where the journals behind a snapshot end, or where they stood at a moment.
    ///
    /// - Parameter ignoresMark: when it is known that they end too early.
    func end(
        after manifest: Manifest, _ listing: DirectoryListing, at time: Int64?,
        ignoresMark: Bool = false
    ) throws(DirectoryError) -> JournalEnd {
        let mark = ignoresMark ? nil : try findMark().mark
        let last = max(listing.journals.last ?? 0, mark?.generation ?? 0, manifest.generation)
        var end = manifest.end
        for generation in manifest.generation...last {
            let reader = try open(
                generation, after: manifest, following: end, mark: mark,
                isNewest: generation == last)
            end = reader.end
            while let record = try next(reader) {
                guard record.time <= time ?? .max else { return end }
                end = reader.end
            }
        }
        return end
    }

    /// Sets the mark of a directory whose journal was written up to `end`.
    func setMark(_ end: JournalEnd) throws(DirectoryError) {
        try onDisk { () throws(DiskError) in
            let file = try JournalMark.open(on: disk)
            try JournalMark(end).write(to: file)
            try file.sync()
        }
    }

    // MARK: Reading

    private func findMark() throws(DirectoryError) -> (mark: JournalMark?, remark: String?) {
        switch try onDisk({ () throws(DiskError) in try JournalMark.find(on: disk) }) {
        case .mark(let mark): (mark, nil)
        case .missing:
            (
                nil,
                "\(JournalMark.fileName) is missing: the end of the journal was judged by its "
                    + "records alone"
            )
        case .damaged:
            (
                nil,
                "\(JournalMark.fileName) is damaged: the end of the journal was judged by its "
                    + "records alone"
            )
        }
    }

    private func open(
        _ generation: UInt64, after manifest: Manifest, following end: JournalEnd,
        mark: JournalMark?, isNewest: Bool
    ) throws(DirectoryError) -> JournalReader {
        let isFirst = generation == manifest.generation
        let reader: JournalReader
        do {
            reader = try JournalReader(
                disk, generation: generation, isNewest: isNewest, mark: mark,
                following: isFirst ? nil : end)
        } catch {
            if case .disk(let error) = error, error.isMissing {
                throw .missing(
                    file: Journal.name(generation: generation),
                    neededBy: isFirst
                        ? DirectoryListing.snapshotName(generation)
                        : Journal.name(generation: generation - 1))
            }
            // Up to here all is well, whatever the file says about itself.
            throw DirectoryError(error).withLastSequence(end.sequence)
        }
        var reason: JournalDamage.Reason?
        if reader.header.shardCount != manifest.shardCount {
            reason = .header("its shards are not the snapshot's")
        } else if isFirst && reader.end.sequence != manifest.lastSequence {
            reason = .sequence(
                expected: manifest.lastSequence &+ 1, found: reader.end.sequence &+ 1)
        } else if isFirst && reader.end.hash != manifest.chain {
            reason = .hash
        }
        if let reason {
            throw .journal(
                JournalDamage(
                    file: reader.file, offset: 0, lastSequence: end.sequence, reason: reason))
        }
        return reader
    }

    private func next(_ reader: JournalReader) throws(DirectoryError) -> JournalRecord? {
        do { return try reader.next() } catch { throw DirectoryError(error) }
    }
}

extension Manifest {
    /// Where the journal of the generation begins.
    var end: JournalEnd {
        JournalEnd(
            generation: generation, sequence: lastSequence, hash: chain, time: time, offset: 0)
    }
}

extension JournalReader {
    /// Damage in a record that was just read.
    fileprivate func fault(
        at record: JournalRecord, _ reason: JournalDamage.Reason
    ) -> JournalDamage {
        JournalDamage(
            file: file, offset: record.offset, lastSequence: record.sequence &- 1, reason: reason)
    }
}

extension DirectoryError {
    init(_ error: JournalError) {
        switch error {
        case .disk(let error): self = .disk(error)
        case .damaged(let damage): self = .journal(damage)
        }
    }

    fileprivate func withLastSequence(_ sequence: UInt64) -> DirectoryError {
        guard case .journal(let damage) = self else { return self }
        return .journal(
            JournalDamage(
                file: damage.file, offset: damage.offset, lastSequence: sequence,
                reason: damage.reason))
    }
}

extension TornTail {
    /// What was cut, for people.
    var text: String {
        let records = recordCount == 1 ? "1 whole record" : "\(recordCount) whole records"
        return "\(file), byte \(offset): a torn tail of \(byteCount) bytes (\(records)) that was "
            + "never acknowledged"
    }
}
