//! Guesses about the names that are signed: key, bucket, region, product, AccessKey id.

use super::{Clues, Guess};
use crate::encode;
use crate::explain::cause::Cause;
use crate::explain::claim::Claim;
use crate::explain::see::shown;
use crate::presign::Version;

/// The regions of OSS, from the page of endpoints (2026-02).
const REGIONS: [&str; 36] = [
    "cn-hangzhou",
    "cn-shanghai",
    "cn-qingdao",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-shenzhen",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-hongkong",
    "cn-nanjing",
    "cn-fuzhou",
    "cn-wuhan-lr",
    "rg-china-mainland",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-south-1",
    "eu-central-1",
    "eu-west-1",
    "us-west-1",
    "us-east-1",
    "na-south-1",
    "me-east-1",
    "me-central-1",
    "cn-hangzhou-finance",
    "cn-shanghai-finance-1",
    "cn-shenzhen-finance-1",
    "cn-beijing-finance-1",
];
const PRODUCTS: [&str; 4] = ["oss", "oss-cloudbox", "s3", "OSS"];

/// All of them.
pub(super) fn guesses<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let mut all = keys(claim);
    all.extend(buckets(claim, clues));
    if claim.version == Version::V4 {
        all.extend(scopes(claim, clues));
    }
    all
}

/// How the URL has it, and how it was signed.
fn keys<'a>(claim: &Claim) -> Vec<Guess<'a>> {
    let key = &claim.key;
    let bare = key.trim_start_matches('/');
    let others = [
        (encode::decode(key), Cause::KeyEncodedTwice, "decoded once more"),
        (encode::path(key), Cause::KeyDecoded, "percent-encoded"),
        (encode::query(key), Cause::KeyDecoded, "percent-encoded with its slashes"),
        (key.replace('+', " "), Cause::KeyPlusAndSpace, "with a space where the URL has '+'"),
        (key.replace(' ', "+"), Cause::KeyPlusAndSpace, "with '+' where the URL has a space"),
        (format!("/{key}"), Cause::KeyLeadingSlash, "with a slash before it"),
        (bare.to_owned(), Cause::KeyLeadingSlash, "without the slash before it"),
        (encode::decode(&encode::decode(key)), Cause::KeyEncodedTwice, "decoded twice more"),
    ];
    let others = others.into_iter().filter(|(other, ..)| other != key);
    let mut all: Vec<_> = others
        .map(|(other, cause, how)| {
            let detail = format!(
                "the key was signed {how}, as '{}'; the URL has '{}'",
                shown(&other),
                shown(key)
            );
            Guess::new("key", cause, detail, move |claim| claim.key.clone_from(&other))
        })
        .collect();
    let texts = match claim.version {
        Version::V4 => [
            (encode::query(key), "with its slashes encoded"),
            (key.clone(), "without any encoding"),
            (encode::path(key).replace("%20", "+"), "with '+' for each space"),
        ],
        Version::V1 => [
            (encode::path(key), "percent-encoded"),
            (encode::query(key), "percent-encoded with its slashes"),
            (encode::path(key).replace("%20", "+"), "with '+' for each space"),
        ],
    };
    all.extend(texts.into_iter().map(|(text, how)| {
        let detail = format!("the key was signed {how}, as '{}'", shown(&text));
        Guess::new("key", Cause::KeyNotEncoded, detail, move |claim| {
            claim.key_text = Some(text.clone());
        })
    }));
    all
}

fn buckets<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let own = claim.bucket.clone();
    let host = claim.host.split(':').next().unwrap_or_default();
    let mut others: Vec<Option<String>> = vec![None, Some(host.to_owned())];
    others.extend(clues.bucket.map(|bucket| Some(bucket.to_owned())));
    others.push(host.split('.').next().map(ToOwned::to_owned));
    others.retain(|other| *other != own);
    others.dedup();
    let said = |bucket: &Option<String>| match bucket {
        Some(bucket) => format!("bucket '{}'", shown(bucket)),
        None => "no bucket".to_owned(),
    };
    let mut all: Vec<_> = others
        .into_iter()
        .map(|other| {
            let detail = format!("signed for {}; the URL is for {}", said(&other), said(&own));
            Guess::new("bucket", Cause::BucketWrong, detail, move |claim: &mut Claim| {
                claim.bucket.clone_from(&other);
            })
        })
        .collect();
    if let Some((bucket, key)) =
        claim.key.split_once('/').map(|(b, k)| (b.to_owned(), k.to_owned()))
    {
        let detail = format!("signed for bucket '{}', the first part of the path", shown(&bucket));
        all.push(Guess::new("bucket", Cause::BucketWrong, detail, move |claim| {
            claim.bucket = Some(bucket.clone());
            claim.key.clone_from(&key);
        }));
    }
    if let Some(bucket) = own {
        let detail = format!("signed for a key that begins with '{}/'", shown(&bucket));
        all.push(Guess::new("bucket", Cause::BucketWrong, detail, move |claim| {
            claim.key = format!("{bucket}/{}", claim.key);
        }));
    }
    all
}

/// Region, product and id: in the URL as well as in the key, or in the key alone.
fn scopes<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let (region, product) = (&claim.region, &claim.product);
    let mut regions: Vec<String> =
        clues.regions.iter().chain(&REGIONS).map(|r| (*r).to_owned()).collect();
    let plain = region.trim_start_matches("oss-");
    regions.extend([plain.to_owned(), format!("oss-{plain}"), region.to_lowercase()]);
    regions.extend([format!("{plain}-internal"), format!("oss-{plain}-internal")]);
    regions.extend(clues.regions.iter().map(|region| format!("oss-{region}")));
    let mut all = Vec::new();
    for (at, other) in regions.iter().enumerate() {
        if other == region || regions[..at].contains(other) {
            continue;
        }
        let cause =
            if other.starts_with("oss-") { Cause::RegionMalformed } else { Cause::RegionMismatch };
        let detail = format!("signed for region {}; the URL says {}", shown(other), shown(region));
        all.extend(moved(&detail, cause, other, product));
    }
    for other in PRODUCTS.iter().filter(|other| *other != product) {
        let detail = format!("signed for product {other}; the URL says {}", shown(product));
        all.extend(moved(&detail, Cause::ProductWrong, region, other));
    }
    all
}

/// Another scope, with and without its traces in the query.
fn moved<'a>(detail: &str, cause: Cause, region: &str, product: &str) -> [Guess<'a>; 2] {
    [true, false].map(|in_query| {
        let (region, product) = (region.to_owned(), product.to_owned());
        Guess::new("scope", cause, detail.to_owned(), move |claim: &mut Claim| {
            claim.region.clone_from(&region);
            claim.product.clone_from(&product);
            if in_query {
                let day = claim.date.get(..8).unwrap_or_default();
                let credential =
                    format!("{}/{day}/{region}/{product}/aliyun_v4_request", claim.access_key_id);
                let own = claim.query.iter_mut().find(|own| own.name == "x-oss-credential");
                own.into_iter().for_each(|own| own.value.clone_from(&credential));
            }
        })
        .one_of_many()
    })
}
