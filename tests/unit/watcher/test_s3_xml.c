// SPDX-License-Identifier: MIT
//
// Answers of S3: documents of every kind, and those that are none.
#include "watcher/store/s3_xml.h"

#include "common/error.h"

#include <glib.h>
#include <string.h>

static struct dm_s3_xml *parse(const char *text) {
    GError *error = NULL;
    struct dm_s3_xml *xml = dm_s3_xml_parse(text, strlen(text), &error);
    g_assert_no_error(error);
    g_assert_nonnull(xml);
    return xml;
}

static void test_error(void) {
    struct dm_s3_xml *xml =
        parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey"
              "</Code><Message></Message><Resource>/b/&lt;x&gt;</Resource></Error>");
    g_assert_cmpstr(dm_s3_xml_root(xml), ==, "Error");
    g_assert_cmpstr(dm_s3_xml_field(xml, "Code"), ==, "NoSuchKey");
    g_assert_cmpstr(dm_s3_xml_field(xml, "Message"), ==, "");
    g_assert_cmpstr(dm_s3_xml_field(xml, "Resource"), ==, "/b/<x>");
    g_assert_cmpstr(dm_s3_xml_field(xml, "Region"), ==, "");
    g_assert_cmpuint(dm_s3_xml_row_count(xml), ==, 0);
    dm_s3_xml_free(xml);
}

static void test_list(void) {
    struct dm_s3_xml *xml =
        parse("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
              "<Name>b</Name><Prefix>p/</Prefix><IsTruncated>true</IsTruncated>"
              "<NextContinuationToken>a&amp;b&#x2B;/=</NextContinuationToken>"
              "<Contents><Key>p/a</Key><ETag>&quot;e1&quot;</ETag><Size>3</Size>"
              "<Owner><ID>me</ID><Key>not this</Key></Owner></Contents>"
              "<Contents><Owner><Key>nor this</Key></Owner><Key>p/b</Key></Contents>"
              "<CommonPrefixes><Prefix>p/c/</Prefix></CommonPrefixes></ListBucketResult>");
    g_assert_cmpstr(dm_s3_xml_field(xml, "Prefix"), ==, "p/");
    g_assert_cmpstr(dm_s3_xml_field(xml, "NextContinuationToken"), ==, "a&b+/=");
    g_assert_cmpstr(dm_s3_xml_field(xml, "Key"), ==, "");
    g_assert_cmpuint(dm_s3_xml_row_count(xml), ==, 2);
    g_assert_cmpstr(dm_s3_xml_cell(xml, 0, "Key"), ==, "p/a");
    g_assert_cmpstr(dm_s3_xml_cell(xml, 0, "ETag"), ==, "\"e1\"");
    g_assert_cmpstr(dm_s3_xml_cell(xml, 1, "Key"), ==, "p/b");
    g_assert_cmpstr(dm_s3_xml_cell(xml, 1, "Size"), ==, "");
    dm_s3_xml_free(xml);
}

static void test_nested_and_prefixed(void) {
    struct dm_s3_xml *xml =
        parse("<s:AssumeRoleWithWebIdentityResponse xmlns:s=\"urn:x\"><s:Result><s:Credentials>"
              "<s:AccessKeyId>A</s:AccessKeyId></s:Credentials></s:Result>"
              "</s:AssumeRoleWithWebIdentityResponse>");
    g_assert_cmpstr(dm_s3_xml_root(xml), ==, "AssumeRoleWithWebIdentityResponse");
    g_assert_cmpstr(dm_s3_xml_field(xml, "AccessKeyId"), ==, "A");
    dm_s3_xml_free(xml);
}

static void test_garbage(void) {
    GString *deep = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(deep, "<a>");
    const char *const cases[] = {
        "",
        "it works!",
        "<Error><Code>NoSuchKey</Co",
        "<a></b>",
        "<a/><b/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<a>\xff\xfe</a>",
        deep->str,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_s3_xml_parse(cases[i], strlen(cases[i]), &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
        g_assert_null(strchr(error->message, '\n'));
    }
    g_string_free(deep, TRUE);
}

static void test_url_decode(void) {
    static const struct {
        const char *text, *plain;
    } cases[] = {
        {"a+b%2Bc", "a b+c"}, {"%E6%97%A5", "日"}, {"%2e%2E/", "../"}, {"", ""},
        {"%", NULL},          {"%4", NULL},        {"%zz", NULL},      {"a%00b", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *plain = dm_s3_url_decode(cases[i].text);
        g_assert_cmpstr(plain, ==, cases[i].plain);
    }
}

static void test_words(void) {
    g_assert_cmpint(dm_s3_parse_time("2013-05-24T00:00:00.250Z"), ==, INT64_C(1369353600250000));
    g_assert_cmpint(dm_s3_parse_time("yesterday"), ==, 0);
    g_autofree char *quoted = dm_s3_bare_etag("\"abc-2\"");
    g_autofree char *bare = dm_s3_bare_etag("abc");
    g_autofree char *odd = dm_s3_bare_etag("\"");
    g_assert_cmpstr(quoted, ==, "abc-2");
    g_assert_cmpstr(bare, ==, "abc");
    g_assert_cmpstr(odd, ==, "\"");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/s3_xml/error", test_error);
    g_test_add_func("/s3_xml/list", test_list);
    g_test_add_func("/s3_xml/nested and prefixed", test_nested_and_prefixed);
    g_test_add_func("/s3_xml/garbage", test_garbage);
    g_test_add_func("/s3_xml/url decode", test_url_decode);
    g_test_add_func("/s3_xml/words", test_words);
    return g_test_run();
}
