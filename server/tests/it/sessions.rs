//! Signing in and out.

use crate::support::{Desk, on_both_databases};

on_both_databases![someone_signs_in];

async fn someone_signs_in(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    guest.guest_send(&case, "Hello").await;
    let mut live = ada.live("/live").await.unwrap();
    live.next_of("hello").await;
    desk.restart().await;
    assert_eq!(mari.case(&case).await["name"], "Nick Evans");
    let other = desk.other_organization().await;
    other
        .get(&format!("/cases/{case}"))
        .await
        .problem(404, "not_found");
}
