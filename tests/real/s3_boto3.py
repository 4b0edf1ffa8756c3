"""What boto3 must be able to do with the embedded object store; prints the name of each part that held."""

import hashlib
import os
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

folder = sys.argv[1]
s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
bucket = "taller-boto3"
s3.create_bucket(Bucket=bucket)


def code_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


path = os.path.join(folder, "boto3.bin")
data = os.urandom(40_000_000)
with open(path, "wb") as file:
    file.write(data)
parts = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20)
s3.upload_file(path, bucket, "large", ExtraArgs={"Metadata": {"origin": "crm"}, "ContentType": "text/x"}, Config=parts)
head = s3.head_object(Bucket=bucket, Key="large")
assert head["ETag"].endswith('-5"') and head["Metadata"] == {"origin": "crm"} and head["ContentType"] == "text/x", head
s3.download_file(bucket, "large", path + ".back", Config=parts)
with open(path + ".back", "rb") as file:
    assert hashlib.md5(file.read()).digest() == hashlib.md5(data).digest()
with open(path, "rb") as file:
    s3.put_object(Bucket=bucket, Key="single", Body=file)
assert s3.head_object(Bucket=bucket, Key="single")["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
print("transfers")

names = [f"many/{i % 7}/{i:05}" for i in range(2500)]
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda name: s3.put_object(Bucket=bucket, Key=name, Body=b"x"), names))
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="many/", PaginationConfig={"PageSize": 333})
assert [item["Key"] for page in pages for item in page["Contents"]] == sorted(names)
pages = s3.get_paginator("list_objects").paginate(Bucket=bucket, Prefix="many/", Delimiter="/")
assert [item["Prefix"] for page in pages for item in page["CommonPrefixes"]] == [f"many/{i}/" for i in range(7)]
for start in range(0, 2500, 1000):
    gone = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": name} for name in names[start : start + 1000]]}
    )
    assert len(gone["Deleted"]) == len(names[start : start + 1000]) and "Errors" not in gone
assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="many/")
print("pages")

up = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "by address ñ"})
request = urllib.request.Request(up, data=b"sent", method="PUT")
assert urllib.request.urlopen(request).status == 200
down = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "by address ñ"})
assert urllib.request.urlopen(down).read() == b"sent"
# Without being told otherwise it signs by version 2.
down = boto3.client("s3").generate_presigned_url(
    "get_object", Params={"Bucket": bucket, "Key": "by address ñ", "ResponseContentType": "text/x"}
)
assert "AWSAccessKeyId=" in down
answer = urllib.request.urlopen(down)
assert answer.read() == b"sent" and answer.headers["Content-Type"] == "text/x"
try:
    urllib.request.urlopen(down.replace("text%2Fx", "text%2Fy"))
    raise AssertionError("a changed address was taken")
except urllib.error.HTTPError as error:
    assert error.code == 403
print("presigned")

keys = ["../x", "a//b", ".", "..", "a/", "a", "a/b", "e" * 900, "ñ日本\U0001f600", "a b+c&d=e%41?#", "\x01\n\t", "//", "/"]
for key in keys:
    s3.put_object(Bucket=bucket, Key=f"k/{key}", Body=key.encode())
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
for key in keys:
    assert s3.get_object(Bucket=bucket, Key=f"k/{key}")["Body"].read() == key.encode()
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="k/")["Contents"]]
assert listed == [f"k/{key}" for key in sorted(keys, key=str.encode)], listed
print("keys")

etag = s3.put_object(Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")["ETag"]
assert code_of(s3.put_object, Bucket=bucket, Key="once", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
s3.put_object(Bucket=bucket, Key="once", Body=b"3", IfMatch=etag)
assert code_of(s3.put_object, Bucket=bucket, Key="once", Body=b"4", IfMatch=etag) == "PreconditionFailed"
assert code_of(s3.get_object, Bucket=bucket, Key="once", IfNoneMatch='"x"') is None
assert code_of(s3.get_object, Bucket=bucket, Key="once", IfMatch='"x"') == "PreconditionFailed"
print("conditions")

for algorithm in ["CRC32", "SHA1", "SHA256"]:
    sent = s3.put_object(Bucket=bucket, Key=algorithm, Body=data[:100_000], ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == sent[f"Checksum{algorithm}"]
    assert got["Body"].read() == data[:100_000]
assert code_of(s3.put_object, Bucket=bucket, Key="bad", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==") == "BadDigest"
print("checksums")

s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large copy", Config=parts)
assert s3.head_object(Bucket=bucket, Key="large copy")["ContentLength"] == len(data)
assert s3.get_object(Bucket=bucket, Key="large copy", Range="bytes=39999990-")["Body"].read() == data[-10:]
s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "a b+c&d=e%41?#"})
assert s3.get_object(Bucket=bucket, Key="to")["Body"].read() == "a b+c&d=e%41?#".encode()
print("copies")

assert code_of(s3.get_object, Bucket=bucket, Key="none") == "NoSuchKey"
assert code_of(s3.head_object, Bucket=bucket, Key="none") == "404"
assert code_of(s3.list_objects_v2, Bucket="taller-none") == "NoSuchBucket"
assert code_of(s3.create_bucket, Bucket=bucket) == "BucketAlreadyOwnedByYou"
assert code_of(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
wrong = boto3.client("s3", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="wrong")
assert code_of(wrong.list_buckets) == "SignatureDoesNotMatch"
print("errors")
