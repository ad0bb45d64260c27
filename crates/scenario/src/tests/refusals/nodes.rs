//! The refusals where several servers cannot be had.

use super::*;

#[test]
fn several_servers_need_a_redis_and_nothing_that_is_done_to_one() {
    insta::assert_snapshot!(said(SMALL, &["server.nodes=2"]), @r#"--set server.nodes=2: server.nodes: 2 servers have the same rooms by a Redis only; store = "redis" would work, or nodes = 1"#);
    insta::assert_snapshot!(said(SMALL, &["server.nodes=0"]), @"--set server.nodes=0: server.nodes: 0 leaves no server; 1 is the default");
    insta::assert_snapshot!(said(SMALL, &["server.store=redis", "server.nodes=17"]), @"--set server.nodes=17: server.nodes: 17 servers are more than the 16 allowed; one for each processor is the most that helps");
    insta::assert_snapshot!(said(SMALL, &["server.appendfsync=always"]), @r#"--set server.appendfsync=always: server.appendfsync: it is a setting of Redis, and there is none; store = "redis" would work, or no appendfsync"#);
    let two = ["server.store=redis", "server.nodes=2"];
    let with = |more: &str| said(SMALL, &[&two[..], &[more]].concat());
    insta::assert_snapshot!(said(SMALL, &[&two[..], &["traffic.speak=post", "link={ delay = \"5ms\", side = \"readers\" }"]].concat()), @r#"--set link={ delay = "5ms", side = "readers" }: link.side: without a proxy each server has a link that everybody goes through, and there are 2; server.nodes = 1 would work, or no link.side"#);
    insta::assert_snapshot!(with("proxy={ kind = \"caddy\" }"), @r#"--set proxy={ kind = "caddy" }: proxy: only nginx and haproxy lead to several servers here, and there are 2; server.nodes = 1 would work, or no proxy"#);
    insta::assert_snapshot!(with("server.stall={ after = \"1s\", for = \"1s\" }"), @r#"--set server.stall={ after = "1s", for = "1s" }: server.stall: a stall stops one server, and there are 2; server.nodes = 1 would work, or no server.stall"#);
    insta::assert_snapshot!(said(SMALL, &["proxy={ kind = \"nginx\", balance = \"sticky\" }"]), @r#"--set proxy={ kind = "nginx", balance = "sticky" }: proxy.balance: there is one server, which everybody goes to; server.nodes = 2 (with store = "redis") would work, or no balance"#);
    let cells = |sets: &[&str]| {
        let study = study(SMALL, &[&["server.store=redis"], sets].concat());
        study.unwrap_or_else(|error| panic!("{error}")).cells.len()
    };
    assert_eq!(cells(&["server.nodes=[1, 2, 4]"]), 3);
    for fine in [
        "link.delay=5ms",
        "server.tls=1.3",
        "proxy={ kind = \"nginx\", balance = \"sticky\" }",
        "proxy={ kind = \"haproxy\", settings = \"right\" }",
    ] {
        assert_eq!(cells(&["server.nodes=2", fine]), 1, "{fine}");
    }
}
