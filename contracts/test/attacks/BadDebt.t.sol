// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {MorphoBlueAdapter} from "../../src/adapters/MorphoBlueAdapter.sol";
import {MorphoMarketParams} from "../../src/interfaces/external/IMorphoBlue.sol";
import {Fill, Intent, Order} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {IMorphoUser, MorphoFixture} from "../fixtures/MorphoFixture.sol";

/// @notice Attacks on the lenders' part of a surplus after bad debt, through the escrow, on Morpho Blue itself.
contract BadDebtAttacks is GavelTest, MorphoFixture {
    IMorphoUser internal morpho;
    MorphoMarketParams internal params;
    bytes32 internal id;
    MorphoBlueAdapter internal adapter;
    PriceFeed internal feed;
    address internal borrower = makeAddr("borrower");
    address internal badDebt = makeAddr("bad debt recipient");
    bytes internal position;

    function setUp() public override {
        super.setUp();
        morpho = deployMorpho();
        feed = new PriceFeed("COL / USD", 8, 2000e8, address(this));
        PriceFeed dollarFeed = new PriceFeed("USD / USD", 8, 1e8, address(this));
        (id, params) = createMarket(morpho, home.ether_, home.dollar, address(feed), address(dollarFeed), 0.86e18);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = id;
        adapter = new MorphoBlueAdapter(morpho, address(home.collateral), badDebt, 1 days, ids);
        home.adapter = MockLendingAdapter(address(adapter));
        home.registry.setTerms(MARKET, _terms(home));
        vm.warp(block.timestamp + 2); // the rules' quote window
        position = abi.encode(id, borrower);
        lend(morpho, params, lender, 100_000e6);
        openLoan(morpho, params, makeAddr("another"), 1000e18, 60_000e6); // an ordinary utilisation
        openLoan(morpho, params, borrower, 10e18, 15_000e6);
        feed.setAnswer(1200e8); // 12,000 against 15,000
    }

    /// @dev The winner pays on another chain, and its report waits for finality. Meanwhile the borrower, whose debt was
    /// written off, opens a dust loan at the very limit and takes it itself when interest has made it unhealthy: a
    /// sound liquidation, after which the surplus of the first would be the borrower's.
    function test_DustLiquidatedWhileSurplusIsOnItsWay() public {
        Intent memory intent = _intent(home, position);
        (, Order memory order) = _open(home, _landingOf(home, intent, alice, 9.6e18, PAY_DOMAIN));
        assertTrue(adapter.leftBadDebt(id, borrower));
        assertEq(morpho.position(id, borrower).borrowShares, 0, "written off");
        Fill memory facts = _fillByWinner(pay, order);

        openLoan(morpho, params, borrower, 0.001e18, 1_032_000); // 1.20 dollars of collateral
        vm.warp(block.timestamp + 24);
        home.collateral.flag(MARKET, position);
        vm.warp(block.timestamp + _terms(home).takeDelay);
        home.dollar.mint(borrower, 10e6);
        vm.startPrank(borrower);
        home.dollar.approve(address(home.collateral), type(uint256).max);
        (uint256 repaid,) = home.collateral.take(MARKET, position, 0, 10e6, borrower);
        vm.stopPrank();
        assertGt(repaid, 0);

        uint256 held = morpho.position(id, borrower).collateral;
        _reportAndDeliver(pay, facts);
        uint256 returned = home.collateral.returnSurplus(MARKET, position, address(home.ether_));
        assertGt(returned, 0.31e18, "most of 0.4");
        assertEq(home.ether_.balanceOf(badDebt), returned);
        assertEq(morpho.position(id, borrower).collateral, held, "nothing for the defaulter");
    }
}
