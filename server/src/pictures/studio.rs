//! Where a picture is made anew: what someone sends is decoded within limits and written again from its pixels alone, so
//! that neither what a camera noted nor what somebody hid in it stays.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::error::{ImageError, LimitErrorKind};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::limits;

/// How much of a photo is kept: beyond this nobody sees a difference at this size.
const JPEG_QUALITY: u8 = 88;

/// A picture as it is kept.
#[derive(Debug)]
pub struct Print {
    /// Its file.
    pub bytes: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub content_type: &'static str,
}

/// Decodes one picture at a time, off the threads that answer requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Studio {
    at_once: Arc<Semaphore>,
    line: Arc<Semaphore>,
}

impl Default for Studio {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(limits::PICTURES_AT_ONCE)),
            line: Arc::new(Semaphore::new(
                limits::PICTURES_AT_ONCE + limits::PICTURES_WAITING_MAX,
            )),
        }
    }
}

impl Studio {
    /// Makes a picture anew, upright and no larger than it is shown.
    ///
    /// # Errors
    /// `PictureInvalid`, `PictureTooLarge`, or `Overloaded` when too many wait.
    pub async fn print(&self, sent: bytes::Bytes) -> Result<Print, Error> {
        let in_line = self
            .line
            .clone()
            .try_acquire_owned()
            .map_err(|_| Error::Overloaded)?;
        let place = self
            .at_once
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Error::Overloaded)?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: a caller who goes away makes no room before it is done.
            let _places = (in_line, place);
            print(&sent)
        })
        .await
        .map_err(|error| Error::Internal(error.into()))?
    }
}

fn print(sent: &[u8]) -> Result<Print, Error> {
    let (picture, format) = decode(sent)?;
    let picture = shrink(picture, limits::PICTURE_KEPT_SIDE_MAX);
    encode(picture, format).map_err(|error| Error::Internal(error.into()))
}

/// No side longer than `side`; what is smaller stays as it is.
fn shrink(picture: DynamicImage, side: u32) -> DynamicImage {
    let longest = picture.width().max(picture.height());
    if longest <= side {
        return picture;
    }
    // The fast way for most of it, the fine one for the rest.
    let coarse = if longest > side * 4 {
        picture.thumbnail(side * 2, side * 2)
    } else {
        picture
    };
    coarse.resize(side, side, FilterType::CatmullRom)
}

/// Decodes what its first bytes say it is; what it is called does not count.
fn decode(sent: &[u8]) -> Result<(DynamicImage, ImageFormat), Error> {
    let format = match image::guess_format(sent) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) => format,
        _ => return Err(Error::PictureInvalid),
    };
    let mut reader = ImageReader::with_format(Cursor::new(sent), format);
    let mut allowed = Limits::no_limits();
    allowed.max_image_width = Some(limits::PICTURE_SIDE_MAX);
    allowed.max_image_height = Some(limits::PICTURE_SIDE_MAX);
    allowed.max_alloc = Some(limits::PICTURE_DECODED_BYTES_MAX);
    reader.limits(allowed);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    // Told by the head of the file, before anything is unpacked.
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::PictureInvalid);
    }
    if decoder.total_bytes() > limits::PICTURE_DECODED_BYTES_MAX {
        return Err(Error::PictureTooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok((picture, format))
}

fn refused(error: ImageError) -> Error {
    match error {
        ImageError::Limits(error)
            if matches!(
                error.kind(),
                LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory
            ) =>
        {
            Error::PictureTooLarge
        }
        _ => Error::PictureInvalid,
    }
}

/// Photos as JPEG; drawings, and all that lets the ground shine through, as PNG.
fn encode(picture: DynamicImage, format: ImageFormat) -> Result<Print, ImageError> {
    let mut bytes = Vec::new();
    let content_type = if picture.color().has_alpha() || format == ImageFormat::Png {
        picture
            .to_rgba8()
            .write_with_encoder(PngEncoder::new(&mut bytes))?;
        "image/png"
    } else {
        picture
            .to_rgb8()
            .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        "image/jpeg"
    };
    Ok(Print {
        bytes,
        content_type,
    })
}
