//! The second wall: PostgreSQL keeps accounts apart even where a statement's own filter is missing or wrong.

use kernel::error::Error;
use people::accounts;
use storage::sql;

use crate::support::{As, Engine, World, new_case, new_client};

/// Tables with an account's id that have no policy. The baseline says why.
const OPEN: [&str; 2] = ["handout_words", "sign_ups"];

/// Both practices have cases, clients and locations of their own. Hillside's are named so that they are found.
async fn two_practices() -> World {
    let world = World::new(Engine::Postgres).await;
    let hillside = hillside(&world).await;
    let protocols =
        world.server.db().read(async move |tx| accounts::protocols(tx, hillside).await).await.unwrap();
    let (group, location) = (world.hillside_group, world.hillside_location);
    new_case(&world.server, world.stranger, group, location, protocols[0].id, "Foreign Fern").await;
    new_client(&world.server, world.stranger, hillside, group, "Foreign Finn").await;
    new_client(&world.server, world.owner, world.account, world.group, "Own Olive").await;
    world
}

async fn hillside(world: &World) -> kernel::id::AccountId {
    let stranger = world.stranger;
    let found = sql!("SELECT account_id FROM members WHERE user_id = $1");
    world.server.db().read(async move |tx| tx.value(found, &[&stranger]).await).await.unwrap()
}

#[tokio::test]
async fn every_table_of_accounts_has_the_wall() {
    let world = World::new(Engine::Postgres).await;
    let client = world.server.connect().await;
    let rows = client
        .query(
            "SELECT c.relname::TEXT, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
                        SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_account')
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relkind = 'r' AND a.attname = 'account_id' AND NOT a.attisdropped
               AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname",
            &[],
        )
        .await
        .unwrap();
    assert!(rows.len() > 50, "{} tables", rows.len());
    let open = rows.iter().filter(|row| !row.get::<_, bool>(1)).map(|row| row.get::<_, String>(0));
    assert_eq!(open.collect::<Vec<_>>(), OPEN);
}

#[tokio::test]
async fn without_any_filter_a_confined_transaction_sees_and_changes_its_own_account_alone() {
    let world = two_practices().await;
    let (account, hillside) = (world.account, hillside(&world).await);
    let mut client = world.server.connect().await;
    let tables = client
        .query(
            "SELECT relname::TEXT FROM pg_class WHERE relrowsecurity AND relname <> 'accounts' ORDER BY relname",
            &[],
        )
        .await
        .unwrap();
    let mut seen_by_all = 0;
    for table in tables.iter().map(|row| row.get::<_, String>(0)) {
        let foreign = format!(
            "SELECT count(*) FROM {table} WHERE account_id NOT IN ('{}', '00000000-0000-0000-0000-000000000000')",
            account.uuid()
        );
        let tx = client.transaction().await.unwrap();
        let mut seen = Vec::new();
        for who in ["*", &account.uuid().to_string(), ""] {
            tx.batch_execute(&format!("SET LOCAL covey.account = '{who}'")).await.unwrap();
            seen.push(tx.query_one(&foreign, &[]).await.unwrap().get::<_, i64>(0));
        }
        assert_eq!(seen[1..], [0, 0], "{table} shows rows of another account");
        seen_by_all += seen[0];
    }
    assert!(seen_by_all > 20, "this test could not have failed: {seen_by_all} rows");

    let unset = client.query_one("SELECT count(*) FROM cases", &[]).await.unwrap();
    assert_eq!(unset.get::<_, i64>(0), 0, "where nothing is set, nothing is seen");

    let all = sql!("UPDATE groups SET description = 'touched'");
    let changed = world.server.db().write(async move |tx| {
        tx.confine(account);
        tx.exec(all, &[]).await
    });
    assert_eq!(changed.await.unwrap(), 2);
    assert_eq!(
        world.server.count(sql!("SELECT count(*) FROM groups WHERE description = 'touched'")).await,
        2
    );

    let foreign = sql!("INSERT INTO request_numbers (account_id, last) VALUES ($1, 9)");
    let refused = world.server.db().write(async move |tx| {
        tx.confine(account);
        tx.exec(foreign, &[&hillside]).await
    });
    let refused: Error = refused.await.unwrap_err();
    assert!(format!("{refused:?}").contains("row-level security"), "{refused:?}");
}

#[tokio::test]
async fn beyond_the_account_is_only_what_says_so() {
    let world = two_practices().await;
    let account = world.account;
    let count = sql!("SELECT count(*) FROM accounts");
    let seen = world.server.db().read(async move |tx| {
        let before = tx.value::<i64>(count, &[]).await?;
        tx.confine(account);
        let confined = tx.value::<i64>(count, &[]).await?;
        let beyond = tx.beyond(tx.value::<i64>(count, &[])).await?;
        Ok([before, confined, beyond, tx.value::<i64>(count, &[]).await?])
    });
    assert_eq!(seen.await.unwrap(), [2, 1, 2, 1]);
    // The next transaction on the same connection begins anew.
    assert_eq!(world.server.count(count).await, 2);
}

/// Makes every filter by account and group on this table true: a view stands in its place that says of each row that
/// it is `account`'s and `group`'s.
async fn lie_about(world: &World, table: &str) {
    let client = world.server.connect().await;
    let columns = client
        .query(
            "SELECT column_name::TEXT FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position",
            &[&table],
        )
        .await
        .unwrap();
    let columns = columns.iter().map(|row| match row.get::<_, String>(0).as_str() {
        "account_id" => format!("'{}'::UUID AS account_id", world.account.uuid()),
        "group_id" => format!("'{}'::UUID AS group_id", world.group.uuid()),
        other => other.to_owned(),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    client
        .batch_execute(&format!(
            "ALTER TABLE {table} RENAME TO true_{table};
             CREATE VIEW {table} WITH (security_invoker = true) AS SELECT {columns} FROM true_{table};"
        ))
        .await
        .unwrap();
}

#[tokio::test]
async fn requests_whose_filters_are_all_true_show_nothing_of_another_account() {
    let world = two_practices().await;
    let member = world.client(As::Member).await;
    let tables = ["cases", "clients", "locations", "protocols"];
    for table in tables {
        lie_about(&world, table).await;
    }
    let lists = [
        ("cases", "Bella", "Foreign Fern"),
        ("clients", "Own Olive", "Foreign Finn"),
        ("locations", "Parlour", "Hill"),
    ];
    let list = async |of: &str| {
        let list = member.get(&format!("/api/v1/groups/{}/{of}", world.group)).await;
        assert!(list.status.is_success(), "{of}: {}", list.text);
        list.text
    };
    for (of, own, foreign) in lists {
        let shown = list(of).await;
        assert!(shown.contains(own) && !shown.contains(foreign), "{of}: {shown}");
    }
    // The control: without the wall the same requests leak.
    let wall = world.server.connect().await;
    for table in tables {
        wall.batch_execute(&format!("ALTER TABLE true_{table} DISABLE ROW LEVEL SECURITY")).await.unwrap();
    }
    for (of, _, foreign) in lists {
        let leaked = list(of).await;
        assert!(leaked.contains(foreign), "this test could not have failed: {of}: {leaked}");
    }
}
