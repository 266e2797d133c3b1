// SPDX-License-Identifier: MIT
//
// A small catalogue for tests of the grammar, which must not depend on the worker's own operations.
#ifndef DM_TESTS_UNIT_COMMON_SMALL_CATALOGUE_H
#define DM_TESTS_UNIT_COMMON_SMALL_CATALOGUE_H

#include "common/catalogue.h"

static const char small_catalogue[] =
    "dropmill-catalogue\t1\n"
    "operation\tcopy\t\tkeeps-size\tnothing\tcopy\tgroup\n"
    "operation\tgray\tgrayscale greyscale bw mono black-and-white\tkeeps-size\tto "
    "gray\tgray\tgroup\n"
    "operation\tinvert\tnegative color-inversion\tpoint keeps-size\tnegative\tinvert\tgroup\n"
    "operation\tdarken\tbrightness-down\tpoint keeps-size\tdarker\tdarken-10\tgroup\n"
    "param\tpercent\tnumber\tN Npct\t0\t100\t20\t%\thow much\t\n"
    "operation\tblur\tgaussian-blur\tkeeps-size\tblur\tblur-2.5\tgroup\n"
    "param\tsigma\tnumber\tN\t0.1\t100\t-\tpx\tstandard deviation\t\n"
    "param\tkernel\tint\tkN\t1\t255\tk15\tpx\tkernel width\todd\n"
    "operation\tmedian\t\tkeeps-size\tmedian\tmedian-5\tgroup\n"
    "param\tk\tint\tN\t3\t255\t5\tpx\twindow\todd\n"
    "operation\tsharpen\t\tkeeps-size\tsharpen\tsharpen\tgroup\n"
    "param\tkind\tword\tsoft strong\t0\t0\tsoft\t\tstrength\t\n"
    "operation\trotate\trotation\trandom-access geometry\trotate\trotate-90\tgroup\n"
    "param\tangle\tnumber\tN\t0\t360\t90\tdegrees\tclockwise\t\n"
    "param\tdirection\tword\tright left around\t0\t0\tright\t\twhich way\t\n"
    "param\tcanvas\tword\tgrow keep\t0\t0\tgrow\t\tcanvas\t\n"
    "operation\tresize\tscale fit\tgeometry\tresize\tresize-1600\tgroup\tfit\n"
    "param\tsize\tsize\tW Wx xH WxH Npct\t1\t65535\t-\tpx\tnew size\trequired\n"
    "operation\tcrop\t\tgeometry\tcrop\tcrop-800x600\tgroup\n"
    "param\tsize\tsize\tWxH\t1\t65535\t-\tpx\tsize\trequired\n"
    "param\tx\tint\tN\t0\t65535\t-\tpx\tleft\t\n"
    "param\ty\tint\tN\t0\t65535\t-\tpx\ttop\t\n"
    "param\tgravity\tword\tcenter north south\t0\t0\tcenter\t\twhere\t\n"
    "operation\tpad\t\tgeometry\tpad\tpad-20-white\tgroup\n"
    "param\twidth\tint\tN\t0\t9999\t20\tpx\twidth\t\n"
    "param\tcolour\tcolour\tRRGGBB NAME transparent\t0\t0\twhite\t\tcolour\t\n"
    "operation\ttint\t\tkeeps-size\ttint\ttint-red\tgroup\n"
    "param\tcolour\tcolour\tRRGGBB NAME\t0\t0\t-\t\tcolour\trequired\n"
    "operation\tjpeg\tjpg\toutput\tJPEG\tjpeg-80\tgroup\n"
    "param\tquality\tint\tN qN\t1\t100\t-\t\tquality\t\n"
    "format\tjpeg\tjpg jpeg\timage/jpeg\trw\n"
    "format\tgif\tgif\timage/gif\tr\n";

#endif
