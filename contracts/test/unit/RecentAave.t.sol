// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {AaveMarginCall} from "../../src/adapters/AaveMarginCall.sol";
import {AaveV3Adapter} from "../../src/adapters/AaveV3Adapter.sol";
import {AaveViewHelper} from "../../src/adapters/AaveViewHelper.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {IMarginCall, MarginBounds, MarginTerms} from "../../src/interfaces/IMarginCall.sol";
import {IAaveAddressesProvider} from "../../src/interfaces/external/IAaveV3.sol";
import {HookedBorrower, HookedToken} from "../base/HookedToken.sol";
import {ICheats} from "../base/ICheats.sol";
import {MockRecentAave, MockReserveToken} from "../base/MockRecentAave.sol";
import {Test} from "forge-std/Test.sol";

/// @notice The Aave adapters by the rules of 3.3 and later, on a mock of those rules.
contract RecentAaveTest is Test {
    address internal escrow = makeAddr("escrow");
    address internal badDebt = makeAddr("bad debt recipient");
    address internal user = makeAddr("user");
    MockRecentAave internal pool;
    AaveV3Adapter internal adapter;
    TestToken internal weth;
    TestToken internal wbtc;
    TestToken internal usdc;
    TestToken internal dai;
    PriceFeed internal wethFeed;
    PriceFeed internal wbtcFeed;
    PriceFeed internal usdcFeed;
    uint256 internal minor;

    function setUp() public {
        vm.warp(1_700_000_000);
        _deploy(7);
    }

    /// @param minor_ 7 means Aave 3.7.
    function _deploy(uint256 minor_) internal {
        minor = minor_;
        pool = new MockRecentAave(minor_);
        (weth, wethFeed) = _list("WETH", 18, 2000e8, [uint256(8000), 8250, 10_500, 1000]);
        (wbtc, wbtcFeed) = _list("WBTC", 8, 40_000e8, [uint256(7000), 7500, 10_650, 1000]);
        (usdc, usdcFeed) = _list("USDC", 6, 1e8, [uint256(7700), 8000, 10_450, 0]);
        (dai,) = _list("DAI", 18, 1e8, [uint256(7500), 8000, 10_400, 0]);
        _deposit(usdc, address(this), 1e15);
        _deposit(dai, address(this), 1e27);
        _deposit(weth, address(this), 1e24);
        adapter = new AaveV3Adapter(IAaveAddressesProvider(address(pool)), escrow, badDebt, 1 days);
    }

    function _list(string memory name, uint8 decimals, int256 price, uint256[4] memory terms)
        private
        returns (TestToken token, PriceFeed feed)
    {
        token = new TestToken(name, name, decimals, address(this));
        feed = new PriceFeed(name, 8, price, address(this));
        pool.list(address(token), address(feed), terms[0], terms[1], terms[2], terms[3]);
    }

    function _deposit(TestToken token, address account, uint256 amount) private {
        token.mint(account, amount);
        vm.startPrank(account);
        token.approve(address(pool), amount);
        pool.supply(address(token), amount, account, 0);
        vm.stopPrank();
    }

    function _borrow(TestToken token, uint256 amount) private {
        vm.prank(user);
        pool.borrow(address(token), amount);
    }

    function _position(TestToken collateral, TestToken debt) private view returns (bytes memory) {
        return abi.encode(user, collateral, debt);
    }

    function _newMarginCall() private returns (AaveMarginCall) {
        MarginBounds memory bounds = MarginBounds(11_000, 10_200, 20_000, 10, 1000);
        return new AaveMarginCall(IAaveAddressesProvider(address(pool)), escrow, badDebt, 1 days, bounds);
    }

    function _assess(TestToken collateral, TestToken debt) private view returns (uint256 repay, uint256 seizable) {
        (,, repay, seizable,) = adapter.assess(_position(collateral, debt));
    }

    function _liquidate(TestToken collateral, TestToken debt, uint256 repay)
        private
        returns (uint256 repaid, uint256 seized)
    {
        debt.mint(address(adapter), repay);
        uint256 before = collateral.balanceOf(escrow);
        vm.prank(escrow);
        repaid = adapter.liquidate(_position(collateral, debt), repay, 0, escrow);
        seized = collateral.balanceOf(escrow) - before;
    }

    /// @dev Exact by the roundings of 3.7; by those before, a unit or two more may be handed out.
    function _liquidateAsAssessed(TestToken collateral, TestToken debt) private {
        (uint256 repay, uint256 seizable) = _assess(collateral, debt);
        (uint256 repaid, uint256 seized) = _liquidate(collateral, debt, repay);
        assertApproxEqAbs(repaid, repay, minor < 5 ? 1 : 0, "repaid");
        assertApproxEqAbs(seized, seizable, minor < 7 ? 2 : 0, "seized");
        assertGe(seized, seizable, "less than said");
    }

    function test_HalfOfTheWholeDebtIsTaken() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 9000e6);
        _borrow(dai, 6000e18);
        wethFeed.setAnswer(1780e8); // 0.979
        (uint256 repay,) = _assess(weth, usdc);
        assertEq(repay, 7500e6, "half of all, not of this one");
        (repay,) = _assess(weth, dai);
        assertEq(repay, 6000e18, "all of the smaller");
        _liquidateAsAssessed(weth, usdc);
    }

    function test_SmallPositionsAreTakenWhole() public {
        _deposit(weth, user, 1.2e18);
        _borrow(usdc, 1900e6);
        wethFeed.setAnswer(1900e8);
        (uint256 repay,) = _assess(weth, usdc);
        assertEq(repay, 1900e6);
        _liquidateAsAssessed(weth, usdc);
    }

    function test_AtACloseFactorHealthOf95AllIsTaken() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1727e8);
        (uint256 repay,) = _assess(weth, usdc);
        assertEq(repay, 15_000e6);
        _liquidateAsAssessed(weth, usdc);
    }

    /// @dev Half of all debt would leave 500 dollars of this one, less than the least leftover.
    function test_DustOfDebtIsNotLeft() public {
        _deposit(weth, user, 2.6e18);
        _borrow(usdc, 2500e6);
        _borrow(dai, 1500e18);
        wethFeed.setAnswer(1850e8);
        (uint256 repay,) = _assess(weth, usdc);
        assertEq(repay, 1500e6, "a thousand left");
        _liquidateAsAssessed(weth, usdc);
    }

    /// @dev What would leave dust of either side is cut to what doesn't, also where less than all is asked for.
    function test_APartThatWouldLeaveDustIsCut() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1727e8);
        (uint256 repaid,) = _liquidate(weth, usdc, 14_500e6);
        assertEq(repaid, 14_000e6);
        assertEq(usdc.balanceOf(escrow), 500e6);
    }

    function test_WhereEveryAmountLeavesDustThereIsNothingToRepay() public {
        _deposit(weth, user, 2e18);
        _deposit(wbtc, user, 0.01e8);
        _borrow(usdc, 2100e6);
        wethFeed.setAnswer(1100e8);
        wbtcFeed.setAnswer(36_000e8);
        pool.setVirtualBalance(address(weth), 1e18); // cash for a part only
        (uint256 repay, uint256 seizable) = _assess(weth, usdc);
        (uint256 repaid,) = repay == 0 ? (0, 0) : _liquidate(weth, usdc, repay);
        assertEq(repaid, repay);
        assertLe(seizable, 1e18);
    }

    function testFuzz_WhateverIsAssessedIsTaken(
        uint256 held,
        uint256 other,
        uint256 price,
        uint256 cash,
        uint256 minor_
    ) public {
        _deploy(bound(minor_, 3, 7));
        held = bound(held, 0.5e18, 20e18);
        _deposit(weth, user, held);
        _deposit(wbtc, user, bound(other, 1e4, 0.2e8));
        _borrow(usdc, held * 1000e6 / 1e18);
        _borrow(dai, held * 590);
        wethFeed.setAnswer(int256(bound(price, 200e8, 1900e8)));
        if (cash % 2 == 0) pool.setVirtualBalance(address(weth), bound(cash, 1e16, 30e18));
        (uint256 repay,) = _assess(weth, usdc);
        if (repay != 0) _liquidateAsAssessed(weth, usdc);
    }

    function testFuzz_PartsLeaveNoDust(uint256 held, uint256 price, uint256 part) public {
        held = bound(held, 1e18, 20e18);
        _deposit(weth, user, held);
        _borrow(usdc, held * 1590e6 / 1e18);
        wethFeed.setAnswer(int256(bound(price, 1000e8, 1900e8)));
        (uint256 most,) = _assess(weth, usdc);
        uint256 asked = bound(part, most / 4, most);
        (bool ok, uint256 repaid) = _tryLiquidate(asked);
        if (ok) assertLe(repaid, asked);
        else assertLt(most, 2000e6, "only a small position can refuse a part");
    }

    function _tryLiquidate(uint256 repay) private returns (bool ok, uint256 repaid) {
        usdc.mint(address(adapter), repay);
        vm.prank(escrow);
        try adapter.liquidate(_position(weth, usdc), repay, 0, escrow) returns (uint256 repaid_) {
            return (true, repaid_);
        } catch {
            return (false, 0);
        }
    }

    function test_WrittenOffDebtIsRememberedForTheSurplus() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1200e8);
        (uint256 repay,) = _assess(weth, usdc);
        (, uint256 seized) = _liquidate(weth, usdc, repay);
        assertGt(pool.getReserveDeficit(address(usdc)), 0);
        assertEq(pool.getUserConfiguration(user), 0, "the pool can't tell any more");
        assertTrue(adapter.leftBadDebt(user));
        vm.startPrank(escrow);
        weth.transfer(address(adapter), seized / 20);
        adapter.returnSurplus(_position(weth, usdc), seized / 20);
        vm.stopPrank();
        assertEq(weth.balanceOf(badDebt), seized / 20);

        // A later sound liquidation, which a borrower can bring about with dust, ends it no sooner.
        uint256 from = block.timestamp;
        wethFeed.setAnswer(2000e8);
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1780e8);
        (repay,) = _assess(weth, usdc);
        _liquidate(weth, usdc, repay);
        vm.warp(from + 30 days - 1);
        assertTrue(adapter.leftBadDebt(user));
        vm.warp(from + 30 days);
        assertFalse(adapter.leftBadDebt(user));
    }

    /// @dev Aave decides by value: a unit of collateral that is worth nothing, regardless of its supplier, keeps its
    /// bit.
    function test_WorthlessCollateralDoesNotHideAWriteOff() public {
        for (uint256 minor_ = 3; minor_ <= 7; ++minor_) {
            _deploy(minor_);
            _deposit(weth, user, 10e18);
            _deposit(dai, user, 1);
            _borrow(usdc, 15_000e6);
            wethFeed.setAnswer(1200e8);
            (uint256 repay,) = _assess(weth, usdc);
            (, uint256 seized) = _liquidate(weth, usdc, repay);
            assertGt(pool.getReserveDeficit(address(usdc)), 3000e6);
            assertEq(pool.getUserConfiguration(user), 2 << 2 * 3, "DAI's bit is left");
            assertTrue(adapter.leftBadDebt(user));
            vm.startPrank(escrow);
            weth.transfer(address(adapter), seized / 20);
            adapter.returnSurplus(_position(weth, usdc), seized / 20);
            vm.stopPrank();
            assertEq(weth.balanceOf(badDebt), seized / 20);
        }
    }

    function test_OtherCollateralOfValueMeansNoBadDebt() public {
        _deposit(weth, user, 10e18);
        _deposit(dai, user, 3000e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1200e8);
        (uint256 repay,) = _assess(weth, usdc);
        _liquidate(weth, usdc, repay);
        assertEq(pool.getReserveDeficit(address(usdc)), 0);
        assertFalse(adapter.leftBadDebt(user));
    }

    function test_ALiquidationThatLeavesOtherDebtsToWriteOffIsRemembered() public {
        _deposit(weth, user, 2e18);
        _borrow(usdc, 900e6);
        _borrow(dai, 2200e18);
        wethFeed.setAnswer(471e8); // 942 dollars buy about 900 of debt
        (uint256 repay,) = _assess(weth, usdc);
        _liquidate(weth, usdc, repay);
        assertGt(pool.getReserveDeficit(address(dai)), 0);
        assertTrue(adapter.leftBadDebt(user));
    }

    function test_ModesHaveBitmaps() public {
        pool.setMode(1, MockRecentAave.Mode(9000, 9300, 10_200, uint128(1 << 3), 0)); // DAI
        vm.prank(user);
        pool.setUserEMode(1);
        _deposit(dai, user, 10_000e18);
        _deposit(weth, user, 0.1e18);
        _borrow(usdc, 9300e6);
        pool.setMode(1, MockRecentAave.Mode(8000, 9000, 10_200, uint128(1 << 3), 0));
        (uint256 repay, uint256 seizable) = _assess(dai, usdc);
        assertEq(repay, 4650e6);
        assertEq(seizable, 4743e18, "the mode's bonus");
        (, seizable) = _assess(weth, usdc);
        assertLt(seizable, 0.1e18, "its own, with the fee");
        _liquidateAsAssessed(dai, usdc);
    }

    /// @dev Since 3.6 a reserve can be collateral in modes alone, without a threshold of its own.
    function test_CollateralByItsModeAlone() public {
        for (uint256 minor_ = 5; minor_ <= 7; ++minor_) {
            _deploy(minor_);
            (TestToken token, PriceFeed feed) = _list("PT", 18, 2000e8, [uint256(0), 0, 0, 1000]);
            pool.setMode(1, MockRecentAave.Mode(9000, 9300, 10_200, uint128(1 << 4 | 1 << 0), 0));
            vm.prank(user);
            pool.setUserEMode(1);
            _deposit(token, user, 10e18);
            _deposit(weth, user, 2e18);
            _borrow(usdc, minor_ < 6 ? 3600e6 : 21_600e6);
            feed.setAnswer(1900e8);
            wethFeed.setAnswer(1900e8);
            (uint256 repay,) = _assess(token, usdc);
            assertEq(repay != 0, minor_ >= 6);
            if (repay != 0) _liquidateAsAssessed(token, usdc);
        }
    }

    function test_GracePeriodsAreTheirOwn() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1780e8);
        pool.setGrace(address(weth), uint40(block.timestamp));
        (uint256 repay,) = _assess(weth, usdc);
        assertEq(repay, 0);
        pool.setGrace(address(weth), uint40(block.timestamp - 1));
        _liquidateAsAssessed(weth, usdc);
    }

    function test_TheAccountsOfThePoolBoundTheCash() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1780e8);
        pool.setVirtualBalance(address(weth), 1e18);
        (, uint256 seizable) = _assess(weth, usdc);
        assertLe(seizable, 1e18);
        assertGt(seizable, 0.999e18);
        _liquidateAsAssessed(weth, usdc);
    }

    function testFuzz_MarginCallsWorkToo(uint256 price, uint256 wanted) public {
        AaveMarginCall margin = _newMarginCall();
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        bytes memory position = _position(weth, usdc);
        vm.startPrank(user);
        MockReserveToken(pool.getReserveData(address(weth)).aToken).approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 200));
        vm.stopPrank();
        wethFeed.setAnswer(int256(bound(price, 1600e8, 1900e8)));
        (,, uint256 repay, uint256 seizable, uint256 relative) = margin.assess(position);
        assertLt(relative, 1e18);
        assertGt(repay, 0);
        wanted = bound(wanted, 1, seizable);
        usdc.mint(address(margin), repay);
        vm.prank(escrow);
        uint256 repaid = margin.liquidate(position, repay, wanted, escrow);
        assertEq(repaid, repay);
        assertEq(weth.balanceOf(escrow), wanted);
    }

    /// @dev The borrower spends the call's relief from inside it, and would end below where it was: all of it is
    /// undone.
    function test_TheReliefOfAMarginCallSpentInsideIt() public {
        HookedToken token = new HookedToken();
        HookedBorrower hooked = new HookedBorrower();
        user = address(hooked);
        PriceFeed feed = new PriceFeed("HOOK", 8, 2000e8, address(this));
        pool.list(address(token), address(feed), 8000, 8250, 10_500, 0);
        AaveMarginCall margin = _newMarginCall();
        bytes memory position = abi.encode(user, token, usdc);
        token.mint(user, 10e18);
        hooked.act(address(token), abi.encodeCall(token.approve, (address(pool), 10e18)));
        hooked.act(address(pool), abi.encodeCall(pool.supply, (address(token), 10e18, user, 0)));
        hooked.act(address(pool), abi.encodeCall(pool.borrow, (address(usdc), 15_000e6)));
        address aToken = pool.getReserveData(address(token)).aToken;
        hooked.act(aToken, abi.encodeCall(token.approve, (address(margin), type(uint256).max)));
        hooked.act(address(margin), abi.encodeCall(margin.setTerms, (position, MarginTerms(10_500, 11_000, 200))));
        feed.setAnswer(1900e8); // 1.045
        token.setListener(user);

        (,, uint256 repay,,) = margin.assess(position);
        usdc.mint(address(margin), repay);
        hooked.prepare(address(pool), abi.encodeCall(pool.borrow, (address(usdc), 1300e6)));
        vm.prank(escrow);
        ICheats(address(vm)).expectPartialRevert(IMarginCall.HealthFell.selector);
        margin.liquidate(position, repay, 1.5e18, escrow);

        hooked.prepare(address(pool), abi.encodeCall(pool.borrow, (address(usdc), 500e6)));
        vm.prank(escrow);
        margin.liquidate(position, repay, 1.5e18, escrow);
        assertTrue(hooked.succeeded());
        (,,,,, uint256 health) = pool.getUserAccountData(user);
        assertGe(health, 1.045e18);
    }

    function test_AMarginCallWaitsForCollateralThatLendsNothing() public {
        AaveMarginCall margin = _newMarginCall();
        pool.setMode(1, MockRecentAave.Mode(9000, 9300, 10_200, uint128(1 << 0 | 1 << 3), uint128(1 << 3)));
        vm.prank(user);
        pool.setUserEMode(1);
        _deposit(weth, user, 10e18);
        _deposit(dai, user, 100e18);
        _borrow(usdc, 17_000e6);
        bytes memory position = _position(weth, usdc);
        vm.startPrank(user);
        MockReserveToken(pool.getReserveData(address(weth)).aToken).approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 100));
        vm.stopPrank();
        wethFeed.setAnswer(1900e8);
        (,, uint256 repay,,) = margin.assess(position);
        assertEq(repay, 0);
        pool.setMode(1, MockRecentAave.Mode(9000, 9300, 10_200, uint128(1 << 0 | 1 << 3), 0));
        (,, repay,,) = margin.assess(position);
        assertGt(repay, 0);

        // Collateral by its mode alone, too.
        (TestToken token,) = _list("PT", 18, 2000e8, [uint256(0), 0, 0, 1000]);
        _deposit(token, user, 0.01e18);
        pool.setMode(1, MockRecentAave.Mode(9000, 9300, 10_200, uint128(1 << 0 | 1 << 4), uint128(1 << 4)));
        (,, repay,,) = margin.assess(position);
        assertEq(repay, 0);
        pool.setMode(1, MockRecentAave.Mode(9000, 9300, 10_200, uint128(1 << 0 | 1 << 4), 0));
        (,, repay,,) = margin.assess(position);
        assertGt(repay, 0);
    }

    /// @dev Before 3.6 a mode's own LTV bears on loans only: a reserve that lends nothing holds back all others in
    /// modes too.
    function test_BeforeLtvsOfModesTheReservesOwnHoldsBack() public {
        for (uint256 minor_ = 5; minor_ <= 6; ++minor_) {
            _deploy(minor_);
            (TestToken token,) = _list("WST", 18, 2000e8, [uint256(0), 8000, 10_500, 1000]);
            AaveMarginCall margin = _newMarginCall();
            pool.setMode(1, MockRecentAave.Mode(9000, 9300, 10_200, uint128(1 << 0 | 1 << 4), 0));
            vm.prank(user);
            pool.setUserEMode(1);
            _deposit(weth, user, 10e18);
            _deposit(token, user, 1e18);
            _borrow(usdc, 19_000e6);
            bytes memory position = _position(weth, usdc);
            vm.startPrank(user);
            MockReserveToken(pool.getReserveData(address(weth)).aToken).approve(address(margin), type(uint256).max);
            margin.setTerms(position, MarginTerms(10_500, 11_000, 100));
            vm.stopPrank();
            wethFeed.setAnswer(1930e8);
            (,, uint256 repay, uint256 seizable,) = margin.assess(position);
            if (minor_ < 6) {
                assertEq(repay, 0);
            } else {
                usdc.mint(address(margin), repay);
                vm.prank(escrow);
                margin.liquidate(position, repay, seizable, escrow);
                assertEq(weth.balanceOf(escrow), seizable);
            }
        }
    }

    /// @dev A liquidation by others is not told to the adapter of margin calls, and what it wrote off leaves no trace.
    function test_AMarginCallsSurplusAfterAWriteOffIsTheBorrowers() public {
        AaveMarginCall margin = _newMarginCall();
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        bytes memory position = _position(weth, usdc);
        MockReserveToken aToken = MockReserveToken(pool.getReserveData(address(weth)).aToken);
        vm.startPrank(user);
        aToken.approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 200));
        vm.stopPrank();
        wethFeed.setAnswer(1900e8);
        (,, uint256 repay, uint256 seizable,) = margin.assess(position);
        usdc.mint(address(margin), repay);
        vm.prank(escrow);
        margin.liquidate(position, repay, seizable, escrow);
        wethFeed.setAnswer(1000e8);
        usdc.mint(address(this), 15_000e6);
        usdc.approve(address(pool), 15_000e6);
        pool.liquidationCall(address(weth), address(usdc), user, type(uint256).max, false);
        assertGt(pool.getReserveDeficit(address(usdc)), 0);
        assertEq(aToken.balanceOf(user), 0);
        vm.startPrank(escrow);
        weth.transfer(address(margin), seizable / 20);
        margin.returnSurplus(position, seizable / 20);
        vm.stopPrank();
        assertEq(aToken.balanceOf(user), seizable / 20);
    }

    function test_TheLowestThresholdAndTheLargestDebtGoFirst() public {
        AaveViewHelper viewHelper = new AaveViewHelper(IAaveAddressesProvider(address(pool)));
        (bytes memory position, AaveViewHelper.Holding[] memory held, AaveViewHelper.Owing[] memory owed) =
            viewHelper.suggest(user);
        assertEq(position.length, 0);
        assertEq(held.length + owed.length, 0);
        _deposit(weth, user, 10e18);
        _deposit(dai, user, 500e18);
        _deposit(usdc, user, 600e6);
        _deposit(wbtc, user, 0.01e8);
        _borrow(usdc, 5000e6);
        _borrow(dai, 6000e18);
        (position, held, owed) = viewHelper.suggest(user);
        assertEq(position, _position(wbtc, dai));
        assertEq(held.length, 4);
        assertEq(held[0].asset, address(wbtc));
        assertEq(held[0].threshold, 7500);
        assertEq(held[0].value, 400e8);
        assertEq(held[1].asset, address(usdc), "larger of two equal thresholds");
        assertEq(held[2].asset, address(dai));
        assertEq(held[3].asset, address(weth));
        assertEq(owed[0].asset, address(dai));
        assertEq(owed[1].value, 5000e8);
    }

    /// @dev One asset on both sides is no position; the next debt is paired.
    function test_TheSameAssetIsNotPaired() public {
        AaveViewHelper viewHelper = new AaveViewHelper(IAaveAddressesProvider(address(pool)));
        _deposit(dai, user, 10_000e18);
        _deposit(weth, user, 1e18);
        _borrow(dai, 6000e18);
        _borrow(usdc, 1000e6);
        (bytes memory position,,) = viewHelper.suggest(user);
        assertEq(position, _position(dai, usdc));
    }
}
