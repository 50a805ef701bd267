import Engine
import Store

/// What members agreed to: rows are only added.
struct ConsentTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let channel: EnumField<Channel>
    let purpose: EnumField<ConsentPurpose>
    let granted: RowField<Bool>
    let at: RowField<Int64>
    let source: EnumField<Channel>
    let evidence: RowField<String?>
    let ofMember: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Consent")
        table = row.table
        member = row("member")
        channel = row("channel")
        purpose = row("purpose")
        granted = row("granted")
        at = row("at")
        source = row("source")
        evidence = row("evidence")
        ofMember = row.index(["member"], ordered: "at")
    }

    /// What a member agrees to now (I7).
    func consents(of member: RowRef, _ data: DataView) -> Consents {
        Consents(
            data.rows(ofMember, .row(member)).map { ref in
                let row = data.row(table, ref)
                return ConsentEntry(
                    channel: row[channel].rawValue, purpose: row[purpose], isGranted: row[granted])
            })
    }

    /// Whether a member may be reached by a channel for a purpose (I8).
    func isGranted(
        _ channel: Channel, _ purpose: ConsentPurpose, by member: RowRef, _ data: DataView
    ) -> Bool {
        consents(of: member, data).isGranted(channel.rawValue, purpose)
    }

    @discardableResult
    func add(
        _ entry: ConsentEntry, of member: RowRef, source: Channel, evidence: String?,
        _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        try call.insert(table) { row in
            row[self.member] = member
            if let channel = Channel(rawValue: entry.channel) { row[self.channel] = channel }
            row[purpose] = entry.purpose
            row[granted] = entry.isGranted
            row[at] = call.now
            row[self.source] = source
            row[self.evidence] = evidence
        }
    }
}
