# SPDX-License-Identifier: MIT
"""HDR stays HDR: a JPEG's gain map goes where its picture goes. Read by a reader of its own, after the specifications:
CIPA DC-007 (MPF), Ultra HDR Image Format 1.0 and 1.1, ISO 21496-1.

The files: a sample; one that @monogrid/gainmap-js 3.7.3 made, a JavaScript form of libultrahdr; and the layouts of
phones and programs, put together here, as nothing in Debian 12 writes them."""
import re
import struct

from PIL import Image
from world import alike, claim, scene

ISO = b"urn:iso:std:iso:ts:21496:-1\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"


def read(path):
    with open(path, "rb") as file:
        return file.read()


# ---- the reader

def segments(data):
    """(marker, payload) of those before the first scan."""
    at = 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        size, = struct.unpack(">H", data[at + 2:at + 4])
        yield data[at + 1], data[at + 4:at + 2 + size]
        at += 2 + size


def pictures(data):
    """The pictures that MPF tells of: a list of JPEGs."""
    at = data.index(b"MPF\0") + 4
    order = ">" if data[at:at + 2] == b"MM" else "<"
    start = at + struct.unpack(order + "I", data[at + 4:at + 8])[0]
    count = struct.unpack(order + "H", data[start:start + 2])[0]
    for i in range(count):
        tag, _, size, where = struct.unpack(order + "HHII", data[start + 2 + 12 * i:start + 14 + 12 * i])
        if tag == 0xB002:
            entries = [struct.unpack(order + "IIIHH", data[at + where + k:at + where + k + 16])
                       for k in range(0, size, 16)]
            return [data[(at + offset if offset else 0):][:length] for _, length, offset, _, _ in entries]
    raise AssertionError("no entries in MPF")


def fractions(data):
    """The numbers of ISO 21496-1: version, flags, two headrooms, five of each channel."""
    minimum, _, flags = struct.unpack(">HHB", data[:5])
    assert minimum == 0
    count = 2 + 5 * (3 if flags & 0x80 else 1)
    assert len(data) == 5 + 8 * count, len(data)
    return [struct.unpack(">iI", data[5 + 8 * i:13 + 8 * i]) for i in range(count)]


def gain_map(world, path):
    """The gain map's bytes, and it as a picture, after everything that tells of it was found true."""
    data = read(path)
    found = pictures(data)
    assert len(found) == 2 and sum(map(len, found)) == len(data), [len(part) for part in found]
    assert all(part[:2] == b"\xFF\xD8" and part[-2:] == b"\xFF\xD9" for part in found)
    packets = [[body for marker, body in segments(part) if marker == 0xE1 and body.startswith(XMP)] for part in found]
    if packets[0] and b"hdrgm" in packets[0][0]:
        said = re.search(rb'Item:Semantic="GainMap"[^>]*Item:Length="(\d+)"', packets[0][0])
        said = said or re.search(rb"<Item:Semantic>GainMap</Item:Semantic>.*?<Item:Length>(\d+)<", packets[0][0], re.S)
        assert said and int(said[1]) == len(found[1]), "the directory's length"
        assert b"hdrgm:Version" in packets[0][0] and b"hdrgm:" in packets[1][0]
        assert packets[0][0].count(b"Semantic") == 2 * (1 + (b"</Item:Semantic>" in packets[0][0])), packets[0][0]
    return found[1], Image.open(world.path(world.put("gain.jpg", found[1]))).convert("L")


def iso_of(data):
    return [body[len(ISO):] for marker, body in segments(data) if marker == 0xE2 and body.startswith(ISO)]


# ---- files

def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def packet(words):
    return segment(0xE1, XMP + b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
                   b'syntax-ns#"><rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" '
                   + words + b"</rdf:RDF></x:xmpmeta>")


def with_segments(data, *more):
    return data[:2] + b"".join(more) + data[2:]


def item(semantic, length, elements=False):
    """An entry of Google's directory; properties are attributes, or elements."""
    rows = [(b"Semantic", semantic), (b"Mime", b"video/mp4" if semantic == b"MotionPhoto" else b"image/jpeg"),
            (b"Length", b"%d" % length)]
    if elements:
        body = b"".join(b"<Item:%s>%s</Item:%s>" % (key, value, key) for key, value in rows)
        return b'<rdf:li rdf:parseType="Resource"><Container:Item rdf:parseType="Resource">' + body + \
            b"</Container:Item></rdf:li>"
    body = b" ".join(b'Item:%s="%s"' % row for row in rows)
    return b'<rdf:li rdf:parseType="Resource"><Container:Item ' + body + b"/></rdf:li>"


def directory(*items):
    return (b'hdrgm:Version="1.0" xmlns:Container="http://ns.google.com/photos/1.0/container/" '
            b'xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><Container:Directory><rdf:Seq>'
            + b"".join(items) + b"</rdf:Seq></Container:Directory></rdf:Description>")


def mpf(lengths, before):
    """MPF in little-endian order of a file whose pictures have @lengths; the segment stands behind @before bytes."""
    count = len(lengths)
    head = b"MPF\0II*\0" + struct.pack("<IH", 8, 3) + struct.pack("<HHI4s", 0xB000, 7, 4, b"0100") + \
        struct.pack("<HHII", 0xB001, 4, 1, count) + struct.pack("<HHII", 0xB002, 7, 16 * count, 50) + bytes(4)
    size = 4 + len(head) + 16 * count
    lengths = [lengths[0] + size, *lengths[1:]]
    offsets = [0] + [sum(lengths[:i]) - before - 8 for i in range(1, count)]
    return segment(0xE2, head + b"".join(struct.pack("<IIIHH", 0x030000 if i == 0 else 0, lengths[i], offsets[i], 0, 0)
                                         for i in range(count)))


ISO_VALUES = struct.pack(">HHB", 0, 0, 0x40) + struct.pack(">14i", 0, 1, 5, 2, 0, 1, 5, 2, 1, 1, 1, 64, 1, 64)
FILM = struct.pack(">I", 24) + b"ftypmp42\0\0\0\0mp42isom" + struct.pack(">I", 16) + b"free" + bytes(8) + \
    struct.pack(">I", 64) + b"mdat" + b"\xFF\xD8\xFF\xE0" * 14


class Maker:
    """The parts that layouts are made of."""
    def __init__(self, world):
        gain = Image.linear_gradient("L").rotate(90).resize((48, 32))
        self.world = world
        self.base = read(world.path(world.save("base.jpg", scene(), quality=95)))
        self.gain = read(world.path(world.save("g.jpg", gain, quality=95)))
        self.rgb = read(world.path(world.save("rgb.jpg", gain.convert("RGB"), quality=95)))
        self.small = read(world.path(world.save("small.jpg", scene().resize((48, 32)))))

    def pixel(self):
        """Google's phones: the film stands before the gain map or behind it, the directory has elements."""
        gain = with_segments(self.gain, packet(b'hdrgm:Version="1.0" hdrgm:GainMapMax="2.5"/>'))
        for name, parts in (("film-last", ((b"GainMap", gain), (b"MotionPhoto", FILM))),
                            ("film-first", ((b"MotionPhoto", FILM), (b"GainMap", gain)))):
            items = [item(what, len(part), True) for what, part in parts]
            head = packet(directory(item(b"Primary", 0, True), *items))
            yield self.world.put(f"pixel-{name}.jpg", with_segments(self.base, head) + b"".join(part for _, part in parts))

    def galaxy(self):
        """Samsung's: bytes of its own behind the gain map, which has an EXIF with a thumbnail."""
        path = self.world.path(self.world.put("gain-exif.jpg", with_segments(
            self.gain, packet(b'hdrgm:Version="1.0" hdrgm:GainMapMin="0" hdrgm:GainMapMax="2.5"/>'))))
        self.world.tool("exiftool", "-q", "-overwrite_original", f"-ThumbnailImage<={self.world.path('small.jpg')}",
                        "-ExifImageWidth=48", "-ExifImageHeight=32", "-Model=Galaxy", path)
        gain = read(path)
        head = packet(directory(item(b"Primary", 0), item(b"GainMap", len(gain))))
        return self.world.put("galaxy.jpg", with_segments(self.base, head) + gain + b"SEFH" + bytes(20) + b"SEFT")

    def apple(self):
        """iPhones': MPF tells of a preview, and then of the gain map, which alone says what it is."""
        gain = with_segments(self.gain, segment(0xE1, XMP + b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http:'
                             b'//www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:apdi='
                             b'"http://ns.apple.com/pixeldatainfo/1.0/" apdi:AuxiliaryImageType="urn:com:apple:photo:2020:'
                             b'aux:hdrgainmap"/></rdf:RDF></x:xmpmeta>'))
        index = mpf([len(self.base), len(self.small), len(gain)], 2)
        return self.world.put("apple.jpg", with_segments(self.base, index) + self.small + gain)

    def iso(self):
        """ISO 21496-1 alone, no XMP; the gain map has three channels."""
        gain = with_segments(self.rgb, segment(0xE2, ISO + ISO_VALUES))
        mark = segment(0xE2, ISO + bytes(4))
        index = mpf([len(self.base) + len(mark), len(gain)], 2 + len(mark))
        return self.world.put("iso.jpg", with_segments(self.base, mark, index) + gain)

    def portrait(self):
        """Lying, to be turned; its gain map lies too."""
        gain = with_segments(self.gain, packet(b'hdrgm:Version="1.0" hdrgm:GainMapMax="2.5"/>'))
        path = self.world.path(self.world.put("portrait.jpg", with_segments(
            self.base, packet(directory(item(b"Primary", 0), item(b"GainMap", len(gain)))))))
        self.world.tool("exiftool", "-q", "-overwrite_original", "-n", "-Orientation=6", path)
        return self.world.put("portrait.jpg", read(path) + gain)


GEOMETRY = {"copy": (48, 32), "jpeg-85": (48, 32), "resize-48": (24, 16), "rotate-90": (32, 48),
            "crop-48x32-48-0": (24, 16), "mirror": (48, 32)}


def follows(world, name):
    """It is there, true, and shows what the picture shows."""
    for chain, size in GEOMETRY.items():
        _, found = gain_map(world, world.result(chain, name))
        assert found.size == size, f"{chain} of {name}: {found.size}"
        assert "plain photo" not in world.said[chain, name], f"{chain} of {name}: {world.said[chain, name]}"
    whole = gain_map(world, world.result("copy", name))[1]
    for chain, wanted in (("rotate-90", whole.transpose(Image.Transpose.ROTATE_270)),
                          ("crop-48x32-48-0", whole.crop((24, 0, 48, 16))), ("resize-48", whole.reduce(2)),
                          ("mirror", whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT))):
        alike(gain_map(world, world.result(chain, name))[1], wanted, 3, f"{chain} of {name}")


def is_plain(world, name):
    for chain in ("blur-3", "png", "gray"):
        result = world.result(chain, name)
        assert "plain photo" in world.said[chain, name], f"{chain} of {name}: {world.said[chain, name]}"
        data = read(result)
        for words in (b"hdrgm:Version", b"GainMap", b"hdrgainmap", ISO, b"MPF\0"):
            assert words not in data, f"{chain} of {name} still has {words}"
        assert data.count(b"\xFF\xD8\xFF") <= 1, f"{chain} of {name}"


@claim("hdr: it stays through geometry and new quality, and is a plain photo with a remark through anything else")
def ultra_hdr(world):
    maker = Maker(world)
    for name in (world.sample("jpg-ultrahdr.jpg"), world.sample("jpg-ultrahdr-iso.jpg"), *maker.pixel(), maker.galaxy(),
                 maker.apple(), maker.iso()):
        follows(world, name)
        is_plain(world, name)
    for name in ("pixel-film-last.jpg", "pixel-film-first.jpg"):
        assert "the film is left out" in world.said["copy", name] and b"ftyp" not in read(world.result("copy", name))
    assert "further pictures in the file are left out" in world.said["copy", "apple.jpg"]
    assert "28 bytes behind the picture" in world.said["copy", "galaxy.jpg"], world.said["copy", "galaxy.jpg"]


@claim("hdr: what ISO 21496-1 says of a gain map stays as it is, and so does what XMP says")
def numbers(world):
    for name in (world.sample("jpg-ultrahdr-iso.jpg"), Maker(world).iso()):
        before = iso_of(pictures(read(world.path(name)))[1])
        assert len(before) == 1 and fractions(before[0]), name
        for chain in ("copy", "jpeg-85", "rotate-90", "crop-48x32-48-0"):
            data = read(world.result(chain, name))
            assert iso_of(data) == [bytes(4)], f"{chain} of {name}: the picture's mark"
            assert iso_of(pictures(data)[1]) == before, f"{chain} of {name}"
    name = world.sample("jpg-ultrahdr-iso.jpg")
    words = re.findall(rb"hdrgm:\w+", pictures(read(world.path(name)))[1])
    assert len(words) > 5 and re.findall(rb"hdrgm:\w+", pictures(read(world.result("rotate-90", name)))[1]) == words


@claim("hdr: what a gain map's own EXIF says is true too, and no thumbnail is left in it")
def own_exif(world):
    name = Maker(world).galaxy()
    for chain, size in (("rotate-90", ("32", "48")), ("crop-48x32-48-0", ("24", "16"))):
        found, _ = gain_map(world, world.result(chain, name))
        tags = world.tags(world.path(world.put("own.jpg", found)))
        assert (tags["ExifImageWidth"], tags["ExifImageHeight"]) == size and tags["Model"] == "Galaxy", tags
        assert found.count(b"\xFF\xD8\xFF") == 1 and "ThumbnailImage" not in tags, chain


@claim("hdr: of a photo that lies, picture and gain map are turned alike, or lie alike")
def lying(world):
    name = Maker(world).portrait()
    lies = gain_map(world, world.result("copy", name))[1]
    assert world.tags(world.result("copy", name))["Orientation"] == "Rotate 90 CW" and lies.size == (48, 32)
    for chain, wanted in (("orient", lies.transpose(Image.Transpose.ROTATE_270)),
                          ("rotate-90", lies.transpose(Image.Transpose.ROTATE_180)),
                          ("crop-32x48-0-0", lies.transpose(Image.Transpose.ROTATE_270).crop((0, 0, 16, 24)))):
        result = world.result(chain, name)
        tags, found = world.tags(result), gain_map(world, result)[1]
        assert tags.get("Orientation", "Horizontal (normal)") == "Horizontal (normal)", tags
        alike(found, wanted, 3, f"{chain} of {name}")
