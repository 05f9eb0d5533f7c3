//! Streams that only one side has, taken for one another where nothing else could be meant: the same packets, but to
//! another end or the other way. That is a guess, and the report says so.

use std::collections::BTreeMap;

use palisade_net::Direction;
use smol_str::SmolStr;

use super::packets::Packets;
use super::streams::Stream;

/// A stream, and why its sides were taken for one another if that is a guess.
pub(super) type Paired<'a> = (Stream<'a>, Option<&'static str>);

/// Joins streams of one side with such of the other.
pub(super) fn pair(streams: Vec<Stream<'_>>) -> Vec<Paired<'_>> {
    let streams = streams.into_iter().map(|stream| (stream, None)).collect();
    let turned = join(streams, "nothing else has this other end and these ports", &|stream, side| {
        let [(direction, end), _] = &stream.ways;
        // Seen from the new side the direction is the opposite.
        let direction = if side == 0 { *direction } else { opposite(*direction) };
        (stream.subject.clone(), stream.limit, direction, Some(end.clone()), stream.packets(side))
    });
    join(turned, "nothing else has these ports in this direction", &|stream, side| {
        let [(direction, _), _] = &stream.ways;
        (stream.subject.clone(), stream.limit, *direction, None, stream.packets(side))
    })
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Inbound => Direction::Outbound,
        Direction::Outbound => Direction::Inbound,
    }
}

/// By what two streams are found to belong together.
type Key = (SmolStr, bool, Direction, Option<String>, Packets);

/// Joins what has one key, where each side has one stream with it and the two share a condition.
fn join<'a>(streams: Vec<Paired<'a>>, why: &'static str, key: &dyn Fn(&Stream<'_>, usize) -> Key) -> Vec<Paired<'a>> {
    let keys: Vec<Option<(usize, Key)>> =
        streams.iter().map(|(stream, _)| stream.only_side().map(|side| (side, key(stream, side)))).collect();
    let mut index: BTreeMap<&(usize, Key), Vec<usize>> = BTreeMap::new();
    for (at, key) in keys.iter().enumerate() {
        if let Some(key) = key {
            index.entry(key).or_default().push(at);
        }
    }
    let single = |key: &(usize, Key)| match index.get(key).map(Vec::as_slice) {
        Some([only]) => Some(*only),
        _ => None,
    };
    let partner = |known: &Option<(usize, Key)>| {
        let (side, key) = known.as_ref()?;
        let (one, other) = (single(&(*side, key.clone()))?, single(&(1 - side, key.clone()))?);
        streams.get(one)?.0.concerns(&streams.get(other)?.0).then_some(other)
    };
    let partner: Vec<Option<usize>> = keys.iter().map(partner).collect();
    let mut left: Vec<Option<Paired<'a>>> = streams.into_iter().map(Some).collect();
    let mut joined = Vec::with_capacity(left.len());
    for (at, other) in partner.iter().enumerate() {
        let Some((one, guess)) = left.get_mut(at).and_then(Option::take) else { continue };
        let two = other.and_then(|other| left.get_mut(other).and_then(Option::take));
        joined.push(match two {
            Some((two, _)) => (together(one, two), Some(why)),
            None => (one, guess),
        });
    }
    joined
}

fn together<'a>(one: Stream<'a>, two: Stream<'a>) -> Stream<'a> {
    let (old, new) = if one.only_side() == Some(0) { (one, two) } else { (two, one) };
    let ([was, _], [_, now]) = (old.ways, new.ways);
    let ([asked, _], [_, asks]) = (old.asked, new.asked);
    Stream { subject: old.subject, limit: old.limit, ways: [was, now], asked: [asked, asks] }
}
