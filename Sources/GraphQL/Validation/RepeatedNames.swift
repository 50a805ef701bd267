import GraphQLLanguage

/// The names that stand more than once in a list, each with all its places; by first appearance.
func repeatedNames<Node>(_ nodes: [Node], _ name: (Node) -> Name) -> [[Name]] {
    guard nodes.count > 1, mayRepeat(nodes, name) else { return [] }
    var groups: [[Name]] = []
    var groupByName: [String: Int] = [:]
    for node in nodes {
        let name = name(node)
        if let group = groupByName[name.value] {
            groups[group].append(name)
        } else {
            groupByName[name.value] = groups.count
            groups.append([name])
        }
    }
    return groups.filter { $0.count > 1 }
}

/// False when the names of a short list are surely different: the usual case, decided without a
/// table.
private func mayRepeat<Node>(_ nodes: [Node], _ name: (Node) -> Name) -> Bool {
    if nodes.count > 8 { return true }
    for index in 1..<nodes.count {
        let hash = name(nodes[index]).hash
        for earlier in 0..<index where name(nodes[earlier]).hash == hash { return true }
    }
    return false
}
