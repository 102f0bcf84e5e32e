//! Pictures of people and logos: what is taken, what is kept of it, who sees it, and that nothing stays behind.

use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::http::Method;
use deskside::pictures;
use deskside_db::{DbError, SystemSql, Time, system_sql};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::json;

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    a_picture_is_taken_in_each_format_and_made_small,
    a_picture_is_upright_and_holds_nothing_but_its_pixels,
    what_is_no_picture_is_refused,
    a_bomb_is_refused_by_its_head,
    a_picture_may_be_kept_and_does_nothing,
    a_replaced_picture_leaves_nothing,
    of_two_pictures_at_once_one_stays,
    everyone_sees_a_picture_and_hears_of_it,
    a_logo_is_the_organization_s,
    orphans_are_swept_and_nothing_else,
];

fn encoded(picture: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A picture whose left half is red and whose right half is blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    let color = |x| {
        if x < width / 2 {
            [220, 20, 20]
        } else {
            [20, 20, 220]
        }
    };
    RgbImage::from_fn(width, height, |x, _| Rgb(color(x))).into()
}

async fn send(who: &Actor, path: &str, kind: &str, bytes: impl Into<Vec<u8>>) -> Answer {
    who.request(Method::PUT, path)
        .typed(kind, bytes)
        .send()
        .await
}

async fn put(who: &Actor, picture: DynamicImage) -> String {
    let bytes = encoded(picture, ImageFormat::Png);
    let put = send(who, "/me/picture", "image/png", bytes)
        .await
        .expect(200);
    put["url"].as_str().unwrap().to_owned()
}

/// Reads a picture by its address, which is one of the API.
async fn read(who: &Actor, url: &str) -> Answer {
    who.get(url.strip_prefix("/api/v1").expect("an address of the API"))
        .await
}

async fn a_picture_is_taken_in_each_format_and_made_small(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for (format, kind, kept) in [
        (ImageFormat::Png, "image/png", "image/png"),
        (ImageFormat::Jpeg, "image/jpeg", "image/jpeg"),
        (ImageFormat::WebP, "image/webp", "image/jpeg"),
    ] {
        let bytes = encoded(halves(2_400, 1_200), format);
        let put = send(&mari, "/me/picture", kind, bytes).await.expect(200);
        let answer = read(&desk.stranger(), put["url"].as_str().unwrap()).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kept));
        let shown = image::load_from_memory(&answer.body).unwrap();
        assert_eq!((shown.width(), shown.height()), (512, 256), "{kind}");
        let (left, right) = (shown.to_rgb8(), shown.to_rgb8());
        let (left, right) = (left.get_pixel(100, 100), right.get_pixel(400, 100));
        assert!(
            left[0] > 180 && left[2] < 60 && right[2] > 180,
            "{left:?} {right:?}"
        );
    }
    let small = halves(30, 20);
    let answer = read(&mari, &put(&mari, small.clone()).await).await;
    let shown = image::load_from_memory(&answer.body).unwrap();
    assert_eq!(
        shown.to_rgb8(),
        small.to_rgb8(),
        "a small one stays as it is"
    );
    let glass = RgbaImage::from_pixel(64, 64, Rgba([9, 9, 9, 100]));
    let bytes = encoded(glass.into(), ImageFormat::WebP);
    // What counts is what the bytes say.
    let put = send(&mari, "/me/picture", "image/jpeg", bytes)
        .await
        .expect(200);
    let answer = read(&mari, put["url"].as_str().unwrap()).await;
    assert_eq!(answer.header("content-type"), "image/png");
    let shown = image::load_from_memory(&answer.body).unwrap();
    assert_eq!(shown.to_rgba8().get_pixel(5, 5)[3], 100);
}

/// A JPEG with an EXIF part that turns it by a quarter and says where it was taken.
fn photo_with_exif(secret: &str) -> Vec<u8> {
    let plain = encoded(halves(400, 200), ImageFormat::Jpeg);
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    // Two entries: orientation (0x0112, short) 6, and a description (0x010e, text).
    tiff.extend_from_slice(&2u16.to_le_bytes());
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [
            &tag.to_le_bytes()[..],
            &kind.to_le_bytes(),
            &count.to_le_bytes(),
            &value.to_le_bytes(),
        ]
        .concat()
    };
    let length = secret.len() as u32 + 1;
    tiff.extend(entry(0x010e, 2, length, 38));
    tiff.extend(entry(0x0112, 3, 1, 6));
    tiff.extend_from_slice(&0u32.to_le_bytes());
    tiff.extend_from_slice(secret.as_bytes());
    tiff.push(0);
    let exif = [b"Exif\0\0".as_slice(), &tiff].concat();
    let mut photo = plain[..2].to_vec();
    photo.extend_from_slice(&[0xff, 0xe1]);
    photo.extend_from_slice(&(exif.len() as u16 + 2).to_be_bytes());
    photo.extend_from_slice(&exif);
    photo.extend_from_slice(&plain[2..]);
    // And what somebody hid behind its end.
    photo.extend_from_slice(b"<script>alert('Zwiebelfisch')</script>");
    photo
}

async fn a_picture_is_upright_and_holds_nothing_but_its_pixels(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let photo = photo_with_exif("Zwiebelfisch at 52.5, 13.4");
    let put = send(&mari, "/me/picture", "image/jpeg", photo)
        .await
        .expect(200);
    let answer = read(&mari, put["url"].as_str().unwrap()).await;
    let shown = image::load_from_memory(&answer.body).unwrap();
    assert_eq!(
        (shown.width(), shown.height()),
        (200, 400),
        "turned as it was held"
    );
    let shown = shown.to_rgb8();
    let (top, bottom) = (shown.get_pixel(100, 50), shown.get_pixel(100, 350));
    assert!(top[0] > 180 && bottom[2] > 180, "{top:?} {bottom:?}");
    for secret in ["Zwiebelfisch", "Exif", "<script"] {
        let kept = files(&desk.folder().join("blobs"))
            .iter()
            .any(|file| holds(&std::fs::read(file).unwrap(), secret));
        assert!(!kept && !holds(&answer.body, secret), "{secret}");
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

async fn what_is_no_picture_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let png = encoded(halves(64, 64), ImageFormat::Png);
    let svg = r#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let wrong: [(&str, Vec<u8>); 10] = [
        ("image/svg+xml", svg.into()),
        ("image/png", svg.into()),
        ("image/png", Vec::new()),
        ("image/png", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        ("image/jpeg", b"<html><script>alert(1)</script>".to_vec()),
        ("image/png", png[..png.len() / 2].to_vec()),
        ("image/webp", b"RIFF\x04\0\0\0WEBPVP8 ".to_vec()),
        ("image/jpeg", vec![0xff, 0xd8, 0xff, 0xe0, 0, 2]),
        ("application/json", png.clone()),
        ("", png.clone()),
    ];
    for (number, (kind, bytes)) in wrong.into_iter().enumerate() {
        let answer = send(&mari, "/me/picture", kind, bytes).await;
        assert_eq!(answer.status, 422, "{number}: {}", answer.text());
        answer.problem(422, "picture_invalid");
    }
    let huge = [png, vec![0; 5 * 1024 * 1024]].concat();
    send(&mari, "/me/picture", "image/png", huge)
        .await
        .problem(413, "picture_too_large");
    assert_eq!(
        mari.get("/me").await.expect(200)["operator"]["picture"],
        json!(null)
    );
    assert!(files(&desk.folder().join("blobs")).is_empty());
}

/// A PNG of a few bytes that claims to be so large: header, no pixels to speak of.
fn claims(width: u32, height: u32, color_type: u8) -> Vec<u8> {
    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    head.extend_from_slice(&[8, color_type, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [
        (b"IHDR", head),
        (b"IDAT", vec![0x78, 0x9c, 3, 0, 0, 0, 0, 1]),
    ] {
        png.extend_from_slice(&(data.len() as u32).to_be_bytes());
        let named = [name.as_slice(), &data].concat();
        png.extend_from_slice(&named);
        png.extend_from_slice(&crc(&named).to_be_bytes());
    }
    png
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 * (crc & 1));
        }
    }
    !crc
}

async fn a_bomb_is_refused_by_its_head(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let began = Instant::now();
    for bomb in [
        claims(60_000, 60_000, 2),
        claims(u32::MAX >> 1, 1, 0),
        claims(8_001, 1, 2),
        claims(1, 8_001, 2),
        claims(8_000, 8_000, 6),
    ] {
        send(&mari, "/me/picture", "image/png", bomb)
            .await
            .problem(413, "picture_too_large");
    }
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    // As large as may be, and 200 kB on the way: unpacked within its limits, and small afterwards.
    let flat = DynamicImage::ImageLuma8(image::GrayImage::new(8_000, 8_000));
    let url = put(&mari, flat).await;
    let shown = image::load_from_memory(&read(&mari, &url).await.body).unwrap();
    assert_eq!((shown.width(), shown.height()), (512, 512));
}

async fn a_picture_may_be_kept_and_does_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let url = put(&mari, halves(64, 64)).await;
    let answer = read(&desk.stranger(), &url).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let token = url.rsplit('/').next().unwrap();
    assert_eq!(token.len(), 22, "128 random bits");
    for odd in [
        "nobody",
        "..%2f..%2fsecret.key",
        "%00",
        &"x".repeat(500),
        "ä",
    ] {
        desk.stranger()
            .get(&format!("/pictures/{odd}"))
            .await
            .problem(404, "not_found");
    }
    desk.restart().await;
    assert_eq!(read(&desk.stranger(), &url).await.body, answer.body);
}

static PICTURES: SystemSql = system_sql!("SELECT count(*) AS pictures FROM pictures");

async fn rows(desk: &Desk) -> i64 {
    let rows = desk.app.db().read(|tx| {
        Box::pin(async move {
            let row = tx.system().row(&PICTURES, &[]).await?;
            row.expect("a row").get("pictures")
        })
    });
    let rows: Result<i64, DbError> = rows.await;
    rows.unwrap()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

async fn a_replaced_picture_leaves_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let blobs = desk.folder().join("blobs");
    let first = put(&mari, halves(64, 64)).await;
    let before = files(&blobs);
    assert_eq!((before.len(), rows(desk).await), (1, 1));
    let second = put(&mari, halves(32, 32)).await;
    assert_ne!(first, second);
    desk.run_jobs().await;
    assert_eq!((files(&blobs).len(), rows(desk).await), (1, 1));
    assert!(!before[0].exists());
    read(&mari, &first).await.problem(404, "not_found");
    assert_eq!(read(&mari, &second).await.status, 200);

    for _ in 0..2 {
        mari.delete("/me/picture").await.expect(204);
    }
    desk.run_jobs().await;
    assert_eq!((files(&blobs).len(), rows(desk).await), (0, 0));
    read(&mari, &second).await.problem(404, "not_found");
    assert_eq!(
        mari.get("/me").await.expect(200)["operator"]["picture"],
        json!(null)
    );
}

async fn of_two_pictures_at_once_one_stays(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    tokio::join!(
        put(&mari, halves(64, 64)),
        put(&mari, halves(32, 32)),
        put(&mari, halves(16, 16)),
    );
    desk.run_jobs().await;
    assert_eq!(
        (files(&desk.folder().join("blobs")).len(), rows(desk).await),
        (1, 1)
    );
    let me = mari.get("/me").await.expect(200);
    let url = me["operator"]["picture"].as_str().expect("a picture");
    assert_eq!(read(&mari, url).await.status, 200);
}

async fn everyone_sees_a_picture_and_hears_of_it(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick").await;
    let guest = mari.guest_of(&case).await;
    let mut screen = ada.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let url = put(&mari, halves(64, 64)).await;
    let event = screen.next_event("operator.changed").await;
    assert_eq!(event["event"]["operator"]["name"], "Mari");
    let team = ada.get("/operators").await.expect(200);
    let row = team["items"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["name"] == "Mari"))
        .expect("Mari");
    assert_eq!(row["picture"], url);
    assert_eq!(
        mari.get("/me").await.expect(200)["operator"]["picture"],
        url
    );
    let seen = guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    assert_eq!(seen["operators"][0]["picture"], url);
    assert_eq!(read(&guest, &url).await.status, 200);
    mari.delete("/me/picture").await.expect(204);
    screen.next_event("operator.changed").await;
}

async fn a_logo_is_the_organization_s(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let logo = encoded(halves(64, 64), ImageFormat::Png);
    send(&mari, "/organization/logo", "image/png", logo.clone())
        .await
        .problem(403, "forbidden");
    mari.delete("/organization/logo")
        .await
        .problem(403, "forbidden");
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let put = send(&ada, "/organization/logo", "image/png", logo)
        .await
        .expect(200);
    screen.next_event("organization.changed").await;
    let organization = mari.get("/organization").await.expect(200);
    assert_eq!(organization["logo"], put["url"]);
    let case = mari.create_case("Nick").await;
    let guest = mari.guest_of(&case).await;
    let seen = guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    assert_eq!(seen["organization"]["logo"], put["url"]);
    ada.delete("/organization/logo").await.expect(204);
    desk.run_jobs().await;
    assert_eq!(rows(desk).await, 0);
    assert!(files(&desk.folder().join("blobs")).is_empty());
}

async fn orphans_are_swept_and_nothing_else(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let url = put(&mari, halves(64, 64)).await;
    let blobs = desk.folder().join("blobs");
    let orphan = blobs.join("ab").join("ab".repeat(16));
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::write(&orphan, b"whose row never came").unwrap();
    let sweep = async |before| pictures::sweep(&desk.app, before).await.expect("a sweep");
    assert_eq!(
        sweep(Time::from_millis(0)).await,
        0,
        "its row may be on its way"
    );
    assert_eq!(sweep(Time::from_millis(i64::MAX)).await, 1);
    assert!(!orphan.exists());
    assert_eq!(read(&mari, &url).await.status, 200);
}
